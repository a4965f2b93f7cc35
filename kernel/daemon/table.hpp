// A table of text for terminals: columns as wide as their widest cell.
#pragma once

#include <string>
#include <vector>

namespace mesolite::daemon {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  // REQUIRES: as many cells as the header has.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Two blanks between columns, none at the end of a line. Control characters in cells, which come
  // from whoever named a task, are shown as '?'.
  std::string to_text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the header first
};

}  // namespace mesolite::daemon
