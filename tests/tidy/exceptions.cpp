// The list of exceptions: each with its reason, none without its use.
#include <sstream>

#include "pattern.hpp"
#include "rules.hpp"

namespace mesolite::tidy {
namespace {

struct Exception {
  int line = 0;
  std::string rule;
  std::string path;
  std::string subject;  // "" means any
  bool used = false;

  bool covers(const Finding& finding) const {
    return finding.rule == rule && finding.path == path &&
           (subject.empty() || finding.subject == subject);
  }
};

constexpr const char* list_path = "tests/tidy/exceptions.txt";

std::vector<Exception> parse(std::string_view text, Findings& findings) {
  static const Pattern entry("([a-z-]+) ([^\\s#]+?)(#.+?)?: (\\S.*)");
  std::vector<Exception> exceptions;
  std::istringstream stream{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const Pattern::Groups match = entry.match(line);
    if (match.empty()) {
      findings.push_back(
          {"exception", list_path, number, "", "not of the form `rule path[#subject]: reason`"});
      continue;
    }
    const std::string& subject = match[3];
    exceptions.push_back(
        {number, match[1], match[2], subject.empty() ? "" : subject.substr(1), false});
  }
  return exceptions;
}

bool excepted(const Finding& finding, std::vector<Exception>& exceptions) {
  for (Exception& exception : exceptions) {
    if (!exception.covers(finding)) continue;
    exception.used = true;
    return true;
  }
  return false;
}

}  // namespace

Findings without_exceptions(const Findings& findings, std::string_view exceptions_text) {
  Findings rest;
  std::vector<Exception> exceptions = parse(exceptions_text, rest);
  for (const Finding& finding : findings) {
    if (!excepted(finding, exceptions)) rest.push_back(finding);
  }
  for (const Exception& exception : exceptions) {
    if (exception.used) continue;
    rest.push_back(
        {"exception", list_path, exception.line, "", "covers nothing any more: take the line out"});
  }
  return rest;
}

std::string to_text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.path + (finding.line > 0 ? ":" + std::to_string(finding.line) : "") + ": " +
            finding.rule + ": " + finding.message + "\n";
  }
  return text;
}

}  // namespace mesolite::tidy
