// A regular expression (ECMAScript), compiled once. Keeps the heavy <regex> in one source file.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace mesolite::tidy {

class Pattern {
 public:
  explicit Pattern(const char* expression);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // The whole match and its groups; empty if there is none.
  using Groups = std::vector<std::string>;
  Groups match(const std::string& text) const;   // all of `text`
  Groups search(const std::string& text) const;  // the first part of `text` that matches
  bool matches(const std::string& text) const { return !match(text).empty(); }
  bool found_in(const std::string& text) const { return !search(text).empty(); }
  std::string removed_from(const std::string& text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace mesolite::tidy
