#include "pattern.hpp"

#include <regex>

namespace mesolite::tidy {

struct Pattern::Compiled {
  std::regex regex;
};

namespace {

Pattern::Groups groups_of(const std::smatch& match) {
  Pattern::Groups groups;
  for (const auto& group : match) groups.push_back(group.str());
  return groups;
}

}  // namespace

Pattern::Pattern(const char* expression)
    : compiled_(std::make_unique<Compiled>(Compiled{std::regex(expression)})) {}

Pattern::~Pattern() = default;

Pattern::Groups Pattern::match(const std::string& text) const {
  std::smatch match;
  std::regex_match(text, match, compiled_->regex);
  return groups_of(match);
}

Pattern::Groups Pattern::search(const std::string& text) const {
  std::smatch match;
  std::regex_search(text, match, compiled_->regex);
  return groups_of(match);
}

std::string Pattern::removed_from(const std::string& text) const {
  return std::regex_replace(text, compiled_->regex, "");
}

}  // namespace mesolite::tidy
