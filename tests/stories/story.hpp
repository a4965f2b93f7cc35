// A story: a text file that tells what goes into a machine and what comes out.
//
//   # Why this is told.
//   > agent a1 cpus:4            an input: performed by the Stage
//     a1 <- AgentRegistered …    what came out of it, one line each, indented by two
//
// Everything else is kept as it is. With MESOLITE_REWRITE=1 the outputs are written anew.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mesolite::testing {

// Performs the inputs of one story. The first word names the input.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::vector<std::string> perform(const std::vector<std::string>& words) = 0;
};

using StageMaker = std::function<std::unique_ptr<Stage>()>;

// Registers one test for each "*.story" in a folder of tests/stories.
void register_stories(const std::string& folder, const StageMaker& make_stage);

// Words are separated by blanks; quotes hold words with blanks together.
std::vector<std::string> split_words(const std::string& line);

}  // namespace mesolite::testing
