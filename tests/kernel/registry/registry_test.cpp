#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "kernel/registry/memory_registry.hpp"
#include "kernel/registry/sqlite_registry.hpp"

namespace mesolite::registry {
namespace {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "registry-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  std::filesystem::path file() const { return path_ / "registry.db"; }

 private:
  std::filesystem::path path_;
};

Record record(std::string key, std::string value) {
  return {std::move(key), Bytes(std::move(value))};
}

void expect_a_map(Registry& registry) {
  ASSERT_TRUE(registry.write({record("b", "1"), record("a", std::string("\0x", 2))}));
  ASSERT_TRUE(registry.write({record("b", "2"), record("c", "3"), record("c", "")}));
  const std::vector<Record> expected{record("a", std::string("\0x", 2)), record("b", "2")};
  EXPECT_EQ(registry.load().value(), expected);
}

TEST(Registry, memory_keeps_the_last_value_of_each_key_in_order_of_keys) {
  MemoryRegistry registry;
  expect_a_map(registry);
}

TEST(Registry, sqlite_keeps_the_last_value_of_each_key_in_order_of_keys) {
  const Scratch scratch;
  expect_a_map(*open_sqlite_registry(scratch.file()).value());
}

TEST(Registry, what_was_written_is_there_after_a_restart) {
  const Scratch scratch;
  ASSERT_TRUE(open_sqlite_registry(scratch.file()).value()->write({record("epoch", "7")}));
  const auto reopened = open_sqlite_registry(scratch.file());
  EXPECT_EQ(reopened.value()->load().value(), std::vector<Record>{record("epoch", "7")});
}

TEST(Registry, a_second_master_on_the_same_file_is_refused_by_name) {
  const Scratch scratch;
  const auto first = open_sqlite_registry(scratch.file());
  ASSERT_TRUE(first);
  const auto second = open_sqlite_registry(scratch.file());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "registry '" + scratch.file().string() + "' is held by another master");
}

TEST(Registry, a_file_of_something_else_is_refused_and_left_alone) {
  const Scratch scratch;
  const std::string text(4096, 'x');
  std::ofstream(scratch.file()) << text;
  const auto opened = open_sqlite_registry(scratch.file());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "'" + scratch.file().string() + "' is not a registry");
  EXPECT_EQ(std::filesystem::file_size(scratch.file()), text.size());
}

TEST(Registry, a_file_with_a_hole_in_it_is_damaged_and_says_so_at_the_start) {
  const Scratch scratch;
  {
    const auto registry = open_sqlite_registry(scratch.file()).value();
    std::vector<Record> records;
    for (int i = 0; i < 200; ++i) {
      records.push_back(record("agents/c-A" + std::to_string(i), std::string(400, 'x')));
    }
    ASSERT_TRUE(registry->write(records));
  }
  std::fstream file(scratch.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 * 3);
  file << std::string(4096, '\xff');
  file.close();
  const auto opened = open_sqlite_registry(scratch.file());
  ASSERT_FALSE(opened);
  EXPECT_EQ(
      opened.error().message.rfind("registry '" + scratch.file().string() + "' is damaged (", 0),
      0u)
      << opened.error().message;
}

TEST(Registry, who_only_wants_to_look_makes_no_file) {
  const Scratch scratch;
  EXPECT_FALSE(open_sqlite_registry(scratch.file(), OpenMode::existing));
  EXPECT_FALSE(std::filesystem::exists(scratch.file()));
}

TEST(Registry, a_directory_that_does_not_exist_is_named) {
  const auto opened = open_sqlite_registry("/nonexistent/registry.db");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("/nonexistent/registry.db"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::registry
