// The rules of the house, each a function from a source file to what it finds there. They read
// text, not a syntax tree: good enough for code that clang-format has laid out, and quick.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mesolite::tidy {

// One file of the tree. `code` has the lines of `text` with comments, strings and character
// literals blanked out, so that rules about code do not trip over prose.
struct SourceFile {
  std::string path;  // from the root of the tree, e.g. "kernel/master/offers.cpp"
  std::vector<std::string> text;
  std::vector<std::string> code;

  bool header() const { return path.ends_with(".hpp") || path.ends_with(".h"); }
  bool below(std::string_view folder) const {
    return path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/';
  }
};

struct Finding {
  std::string rule;
  std::string path;
  int line = 0;         // from 1; 0 for the whole file
  std::string subject;  // what an exception may name: a header, a function, a word
  std::string message;  // what is wrong and what to do
};
using Findings = std::vector<Finding>;

SourceFile source_file(std::string path, std::string_view content);

// Every C++ file of the tree below `root`, sorted by path.
std::vector<SourceFile> load_tree(const std::string& root);

// rule "include": who may include whom, architecture §1.
Findings check_includes(const SourceFile& file);
// rules "file-size", "line-length", "function-size", "nesting", "parameters": style.md, Size.
Findings check_sizes(const SourceFile& file);
// rules "pure", "test-time", "naming": what must not be said, and where.
Findings check_bans(const SourceFile& file);
// rules "pragma-once", "using-namespace", "own-header-first".
Findings check_headers(const SourceFile& file);
// rule "readme": each folder of the layout opens with one.
Findings check_readmes(const std::string& root);

// The exceptions: lines "rule path[#subject]: reason". Removes what they cover from `findings`, and
// adds a finding for each line that is malformed or covers nothing.
Findings without_exceptions(const Findings& findings, std::string_view exceptions);

// "kernel/master/offers.cpp:17: include: …", a line each.
std::string to_text(const Findings& findings);

}  // namespace mesolite::tidy
