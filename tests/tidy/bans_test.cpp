#include <gtest/gtest.h>

#include "rules.hpp"

namespace mesolite::tidy {
namespace {

bool refused(const char* path, const char* line) {
  return !check_bans(source_file(path, line)).empty();
}

TEST(Bans, a_machine_has_no_clock_chance_thread_or_io) {
  for (const char* line :
       {"auto now = std::chrono::steady_clock::now();", "#include <thread>", "#include <mutex>",
        "#include <fstream>", "#include <sys/socket.h>", "std::cout << x;", "int r = rand();",
        "const char* home = std::getenv(x);", "std::ofstream file(path);", "Random(random_seed());",
        "static thread_local int x;"}) {
    EXPECT_TRUE(refused("kernel/master/offers.cpp", line)) << line;
    EXPECT_TRUE(refused("kernel/agent/tasks.hpp", line)) << line;
    EXPECT_FALSE(refused("kernel/runtime/shell.cpp", line)) << line;
  }
}

TEST(Bans, what_only_sounds_alike_is_fine) {
  for (const char* line : {"const Time now = input.now;", "step(now, input, outbox);",
                           "random_.next();", "// std::cout is not for us", "operand(x);"}) {
    EXPECT_FALSE(refused("kernel/master/offers.cpp", line)) << line;
  }
}

TEST(Bans, tests_do_not_sleep) {
  EXPECT_TRUE(refused("tests/kernel/x_test.cpp", "std::this_thread::sleep_for(1s);"));
}

TEST(Bans, names_follow_the_house) {
  EXPECT_TRUE(refused("kernel/http/server.cpp", "constexpr int kBodyMax = 3;"));
  EXPECT_TRUE(refused("kernel/http/server.cpp", "assert(x);"));
  EXPECT_FALSE(refused("kernel/http/server.cpp", "static_assert(x);"));
}

}  // namespace
}  // namespace mesolite::tidy
