// What a test of bad requests needs besides the Spoiler: the list of what only looks wrong, and
// whether some words name a field.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/base/text.hpp"
#include "tests/support/spoiler.hpp"

namespace mesolite::harness {

// What looks wrong and is right, and why.
struct Right {
  std::string path;  // a "*" at its end stands for anything
  std::string ways;  // separated by commas; "*" = all
  const char* why;
};

// The list of them for one test, and which were of use.
class Allowed {
 public:
  explicit Allowed(std::vector<Right> rights) : rights_(std::move(rights)) {}

  bool covers(const std::string& message, const Spoiled& wrong) {
    const std::string path = message + "." + wrong.path;
    for (std::size_t i = 0; i < rights_.size(); ++i) {
      const Right& entry = rights_[i];
      if (!matches(entry.path, path) || !has_way(entry.ways, wrong.way)) continue;
      used_.insert({i, wrong.way});
      return true;
    }
    return false;
  }

  // An entry without a use hides what it once excused.
  void expect_all_used(const std::string& message) const {
    for (std::size_t i = 0; i < rights_.size(); ++i) {
      const Right& entry = rights_[i];
      const bool mine =
          entry.path.starts_with(message + ".") || entry.path.starts_with(message + "/");
      for (const std::string_view way : split(entry.ways, ',')) {
        const bool used = way == "*" || used_.contains({i, std::string(trim(way))});
        EXPECT_TRUE(!mine || used) << entry.path << " " << way << " is nobody's";
      }
    }
  }

 private:
  static bool matches(std::string_view pattern, std::string_view path) {
    if (!pattern.ends_with('*')) return pattern == path;
    return path.starts_with(pattern.substr(0, pattern.size() - 1));
  }
  static bool has_way(const std::string& ways, const std::string& way) {
    for (const std::string_view each : split(ways, ',')) {
      if (each == "*" || trim(each) == way) return true;
    }
    return false;
  }

  const std::vector<Right> rights_;
  std::set<std::pair<std::size_t, std::string>> used_;
};

// Whether `name` stands in the text as a word of its own.
inline bool has_word(std::string_view text, std::string_view name) {
  const auto part_of_word = [&](std::size_t at) {
    return at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
  };
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    if (!part_of_word(at - 1) && !part_of_word(at + name.size())) return true;
  }
  return false;
}

inline std::string singular(std::string name) {
  if (name.ends_with("s")) name.pop_back();
  return name;
}

// Whether the words are about the field: of "tasks.executor_id" they say "executor_id" or
// "executor", of "executors.id" "id" or "executor_id".
inline bool name_field(const std::string& words, const Spoiled& wrong) {
  const std::vector<std::string_view> parts = split(wrong.path, '.');
  std::vector<std::string> names{wrong.field, singular(wrong.field)};
  if (wrong.field.ends_with("_id")) {
    names.push_back(wrong.field.substr(0, wrong.field.size() - 3));
  }
  if (parts.size() > 1) {
    names.push_back(singular(std::string(parts[parts.size() - 2])) + "_" + wrong.field);
  }
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return has_word(words, name); });
}

}  // namespace mesolite::harness
