// The tests' program is its own worker: agents start it with --worker.
#include <gtest/gtest.h>

#include "frameworks/mini-spark/api/program.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"

namespace {

class EndOfTheCluster : public ::testing::Environment {
  void TearDown() override { mesolite::spark::end_cluster(); }
};

}  // namespace

int main(int argc, char** argv) {
  if (const auto status = mesolite::spark::run_if_worker(argc, argv)) return *status;
  ::testing::InitGoogleTest(&argc, argv);
  ::testing::AddGlobalTestEnvironment(new EndOfTheCluster);  // which GoogleTest then owns
  return RUN_ALL_TESTS();
}
