// Finds the functions of a file by following its braces.
#pragma once

#include <string>
#include <vector>

#include "rules.hpp"

namespace mesolite::tidy {

struct Function {
  std::string name;
  int line = 0;     // of its opening brace, from 1
  int lines = 0;    // from the opening to the closing brace
  int nesting = 0;  // the most control statements inside one another
  int nesting_line = 0;
  int parameters = 0;
};

std::vector<Function> functions_of(const SourceFile& file);

}  // namespace mesolite::tidy
