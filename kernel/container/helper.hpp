// Programs of ours that an agent starts beside itself: mesolite-launch, -fetch and -check. The last
// two carry out one order, an encoded message in a file that is their standard input, and leave an
// answer in another one (helper_program.hpp is their side of it).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::container {

inline constexpr int null_device = -1;

struct Helper {
  std::string what;  // "the launcher": for the sentence of a failure
  std::string program;
  std::vector<std::string> arguments;    // after the program's name
  std::vector<std::string> environment;  // all of it: NAME=value
  std::vector<int> descriptors;          // what its own are, from 0 on; null_device: /dev/null
};

// In a session of its own, so that all that it starts can be ended with it, with no signal blocked.
Result<pid_t> start_helper(const Helper& helper);

// A file in memory that starts with `text`.
Result<Descriptor> make_order(std::string_view text);

// All that was written to the file, but for what is past `bytes_max`.
std::string read_answer(const Descriptor& answer, std::size_t bytes_max);

}  // namespace mesolite::container
