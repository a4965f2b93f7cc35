// Defends the stories: what the machines do, told as text that people read and review.
#include <gtest/gtest.h>

#include "tests/stories/agent_stage.hpp"
#include "tests/stories/master_stage.hpp"
#include "tests/stories/story.hpp"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  mesolite::testing::register_stories("master", mesolite::testing::make_master_stage);
  mesolite::testing::register_stories("agent", mesolite::testing::make_agent_stage);
  return RUN_ALL_TESTS();
}
