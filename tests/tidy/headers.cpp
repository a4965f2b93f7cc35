// How a header begins, and what it does not do to those who include it.
#include <algorithm>
#include <filesystem>

#include "pattern.hpp"
#include "rules.hpp"

namespace mesolite::tidy {
namespace {

std::string stem_of(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

// A source file that has a header of its own name in its includes has it first: so each header is
// once compiled with nothing before it.
void check_own_header_first(const SourceFile& file, Findings& findings) {
  static const Pattern include("\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"].*");
  const std::string stem = stem_of(file.path);
  bool first = true;
  for (std::size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i].find('#') == std::string::npos) continue;  // patterns are slow
    const Pattern::Groups match = include.match(file.text[i]);
    if (match.empty()) continue;
    const std::string& header = match[1];
    // Elsewhere a header of that name is somebody else's.
    const std::string folder = std::filesystem::path(file.path).parent_path().filename().string();
    const bool own =
        stem_of(header) == stem && header.ends_with(".hpp") &&
        (header.find('/') == std::string::npos || header.find(folder + "/") != std::string::npos);
    if (own && !first) {
      findings.push_back({"own-header-first", file.path, static_cast<int>(i) + 1, header,
                          "put " + header + " first: then it is compiled with nothing before it"});
    }
    first = false;
  }
}

// A header in plain C (.h) has guards, which every C compiler knows.
bool included_once(const SourceFile& file) {
  const bool plain_c = file.path.ends_with(".h");
  return std::any_of(file.code.begin(), file.code.end(), [&](const std::string& line) {
    return line == "#pragma once" || (plain_c && line.starts_with("#ifndef "));
  });
}

}  // namespace

Findings check_headers(const SourceFile& file) {
  Findings findings;
  if (!file.header()) {
    check_own_header_first(file, findings);
    return findings;
  }
  if (!included_once(file)) {
    findings.push_back({"pragma-once", file.path, 0, "", "begin the header with #pragma once"});
  }
  static const Pattern using_namespace("^\\s*using\\s+namespace\\s+(\\S+);");
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    if (file.code[i].find("using") == std::string::npos) continue;
    const Pattern::Groups match = using_namespace.search(file.code[i]);
    if (match.empty()) continue;
    findings.push_back(
        {"using-namespace", file.path, static_cast<int>(i) + 1, match[1],
         "a header does not open " + match[1] + " for those who include it: write the names out"});
  }
  return findings;
}

Findings check_readmes(const std::string& root) {
  namespace fs = std::filesystem;
  // Folders of the layout; '*' stands for each folder there.
  std::vector<fs::path> folders = {"sdk",
                                   "sdk/net",
                                   "kernel",
                                   "modules",
                                   "tests",
                                   "tests/tidy",
                                   "tests/stories",
                                   "tests/simulation",
                                   "scripts",
                                   "tests/bad_modules",
                                   "tests/integration",
                                   "tests/bench"};
  for (const char* parent : {"kernel", "frameworks", "modules/allocators", "modules/isolators",
                             "modules/authenticators", "sdk/templates"}) {
    if (!fs::is_directory(fs::path(root) / parent)) continue;
    for (const auto& entry : fs::directory_iterator(fs::path(root) / parent)) {
      if (entry.is_directory()) folders.push_back(fs::relative(entry.path(), root));
    }
  }
  Findings findings;
  for (const fs::path& folder : folders) {
    const fs::path full = fs::path(root) / folder;
    if (!fs::is_directory(full) || fs::is_empty(full) || fs::exists(full / "README.md")) continue;
    findings.push_back({"readme", folder.string(), 0, "",
                        "write a README.md: what it is, what it may include, where to start"});
  }
  std::sort(findings.begin(), findings.end(),
            [](const Finding& a, const Finding& b) { return a.path < b.path; });
  return findings;
}

}  // namespace mesolite::tidy
