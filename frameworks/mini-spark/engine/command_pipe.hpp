// CommandPipe: records as lines through a shell command: pipe().
#pragma once

#include <span>
#include <string>
#include <vector>

#include "frameworks/mini-spark/records/print.hpp"
#include "frameworks/mini-spark/ship/registration.hpp"

namespace mesolite::spark {

// The lines that `sh -c command` writes when it reads `input`. Throws TaskFailure if it cannot be
// started or ends with another status than 0.
std::vector<std::string> lines_through(const std::string& command, const std::string& input);

template <class T>
struct CommandPipe {
  std::string command;
  MESOLITE_PARTS(command)

  std::vector<std::string> operator()(std::span<const T> all) const {
    std::string input;
    for (const T& record : all) {
      print_record(input, record);
      input += '\n';
    }
    return lines_through(command, input);
  }
};

}  // namespace mesolite::spark
