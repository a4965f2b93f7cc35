// How long a file, a function and a line may be, how deep and how wide.
#include <algorithm>

#include "functions.hpp"
#include "rules.hpp"

namespace mesolite::tidy {
namespace {

constexpr int header_lines_max = 250;
constexpr int source_lines_max = 600;
constexpr int line_length_max = 100;
constexpr int function_lines_max = 60;
constexpr int nesting_max = 3;
constexpr int parameters_max = 5;

// Code points, not bytes.
int length_of(const std::string& line) {
  int length = 0;
  for (const char c : line) length += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return length;
}

// MESOLITE_ENUM(…) takes as many as there are.
bool is_macro(const std::string& name) {
  return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string too_big(const std::string& what, int size, int size_max, const std::string& advice) {
  return what + std::to_string(size) + " (at most " + std::to_string(size_max) + "): " + advice;
}

void check_function(const SourceFile& file, const Function& function, Findings& findings) {
  const auto find = [&](const char* rule, int line, const std::string& message) {
    findings.push_back({rule, file.path, line, function.name, message});
  };
  if (function.lines > function_lines_max) {
    find("function-size", function.line,
         too_big("lines of " + function.name + ": ", function.lines, function_lines_max,
                 "name the steps and make them functions"));
  }
  if (function.nesting > nesting_max) {
    find("nesting", function.nesting_line,
         too_big("nesting in " + function.name + ": ", function.nesting, nesting_max,
                 "return early, or make the inside a function"));
  }
  if (function.parameters > parameters_max && !is_macro(function.name)) {
    find("parameters", function.line,
         too_big("parameters of " + function.name + ": ", function.parameters, parameters_max,
                 "what belongs together is a struct"));
  }
}

}  // namespace

Findings check_sizes(const SourceFile& file) {
  Findings findings;
  const int lines = static_cast<int>(file.text.size());
  const int lines_max = file.header() ? header_lines_max : source_lines_max;
  if (lines > lines_max) {
    findings.push_back(
        {"file-size", file.path, 0, "", too_big("lines: ", lines, lines_max, "split it by noun")});
  }
  for (std::size_t i = 0; i < file.text.size(); ++i) {
    const int length = length_of(file.text[i]);
    if (length <= line_length_max) continue;
    findings.push_back(
        {"line-length", file.path, static_cast<int>(i) + 1, "",
         too_big("columns: ", length, line_length_max, "let clang-format break it")});
  }
  for (const Function& function : functions_of(file)) check_function(file, function, findings);
  return findings;
}

}  // namespace mesolite::tidy
