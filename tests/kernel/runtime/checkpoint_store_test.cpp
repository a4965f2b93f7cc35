#include "kernel/runtime/checkpoint_store.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "kernel/runtime/crc32c.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::runtime {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CheckpointStoreTest : public testing::Test {
 protected:
  std::unique_ptr<CheckpointStore> open(std::size_t changes_bytes_min = 4u << 20) {
    auto store = CheckpointStore::open(directory(), changes_bytes_min);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  fs::path directory() const { return scratch_ / "meta"; }
  fs::path generation(int number) const {
    return directory() / ("checkpoints-" + std::to_string(number));
  }
  std::string content(int number) const { return harness::read_file(generation(number)); }
  void put(int number, const std::string& bytes) const {
    std::ofstream(generation(number), std::ios::binary | std::ios::trunc) << bytes;
  }

  harness::Scratch scratch_;
};

TEST(Crc32c, is_that_of_the_standard) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283u) << "piece by piece";
}

TEST_F(CheckpointStoreTest, gives_back_what_was_written_last) {
  {
    const auto store = open();
    EXPECT_THAT(store->records(), IsEmpty());
    ASSERT_TRUE(store->write({{"a", "1"}, {"b", "2"}}));
    ASSERT_TRUE(store->write({{"a", "3"}}));
  }
  const auto store = open();
  EXPECT_THAT(store->problems(), IsEmpty());
  EXPECT_EQ(store->records(), (CheckpointRecords{{"a", "3"}, {"b", "2"}}));
}

TEST_F(CheckpointStoreTest, removes_a_key_with_all_below_it_and_nothing_beside_it) {
  const auto store = open();
  ASSERT_TRUE(store->write({{"f/t", "1"}, {"f/t/updates", "2"}, {"f/t-2", "3"}, {"f/t2/x", "4"}}));
  ASSERT_TRUE(store->write({{"f/t", ""}}));
  EXPECT_EQ(open()->records(), (CheckpointRecords{{"f/t-2", "3"}, {"f/t2/x", "4"}}));
  ASSERT_TRUE(store->write({{"", ""}}));
  EXPECT_THAT(open()->records(), IsEmpty());
}

TEST_F(CheckpointStoreTest, is_read_by_its_owner_alone) {
  ASSERT_TRUE(open()->write({{"a", "1"}}));
  struct stat facts {};
  ASSERT_EQ(::stat(generation(1).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
}

TEST_F(CheckpointStoreTest, begins_a_generation_at_each_start_and_keeps_the_one_before_it) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(open()->write({{"a", std::to_string(i)}}));
  EXPECT_FALSE(fs::exists(generation(2)));
  EXPECT_TRUE(fs::exists(generation(3)));
  EXPECT_TRUE(fs::exists(generation(4)));
}

TEST_F(CheckpointStoreTest, does_not_grow_with_the_number_of_changes) {
  const auto store = open(1000);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(store->write({{"a", std::to_string(i)}}));
  std::uintmax_t bytes = 0;
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(directory())) {
    bytes += entry.file_size();
    ++files;
  }
  EXPECT_EQ(files, 2u);
  EXPECT_LT(bytes, 4000u);
  EXPECT_EQ(open()->records(), (CheckpointRecords{{"a", "999"}}));
}

TEST_F(CheckpointStoreTest, cut_off_at_any_byte_gives_what_was_whole_before_it) {
  ASSERT_TRUE(open()->write({{"a", "1"}}));
  const std::size_t first = content(1).size();
  {
    const auto store = open();
    ASSERT_TRUE(store->write({{"b", "2"}}));
    ASSERT_TRUE(store->write({{"c", "3"}}));
  }
  const std::string whole = content(2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(2, whole.substr(0, size));
    const auto store = open();
    EXPECT_THAT(store->records(), Contains(testing::Pair("a", "1"))) << size;
    const bool usable = size > first && store->records().contains("b");
    EXPECT_EQ(store->problems().empty(), usable) << size;
  }
}

TEST_F(CheckpointStoreTest,
       damaged_at_any_byte_names_file_and_offset_and_never_gives_wrong_values) {
  ASSERT_TRUE(open()->write({{"old", "0"}}));
  {
    const auto store = open();
    ASSERT_TRUE(store->write({{"a", "1"}, {"old", ""}}));
    ASSERT_TRUE(store->write({{"b", "2"}}));
    ASSERT_TRUE(store->write({{"b", "3"}}));
  }
  const CheckpointRecords states[] = {
      {{"old", "0"}}, {{"a", "1"}}, {{"a", "1"}, {"b", "2"}}, {{"a", "1"}, {"b", "3"}}};
  const std::string whole = content(2);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      put(2, damaged);
      const auto store = open();
      EXPECT_THAT(states, Contains(store->records())) << i;
      EXPECT_NE(store->records(), states[3]) << i;
      ASSERT_THAT(store->problems(), SizeIs(1)) << i;
      EXPECT_THAT(store->problems()[0], AllOf(HasSubstr(generation(2).string()),
                                              HasSubstr("offset "), HasSubstr(" is used")));
    }
  }
}

TEST_F(CheckpointStoreTest, sets_damaged_files_aside_for_people) {
  ASSERT_TRUE(open()->write({{"a", "1"}}));
  ASSERT_TRUE(open()->write({{"a", "2"}}));
  put(2, "nonsense");
  ASSERT_TRUE(open()->write({{"b", "1"}}));
  EXPECT_TRUE(fs::exists(generation(2).string() + ".damaged"));
  const auto store = open();
  EXPECT_THAT(store->problems(), IsEmpty());
  EXPECT_EQ(store->records(), (CheckpointRecords{{"a", "1"}, {"b", "1"}}));
}

TEST_F(CheckpointStoreTest, is_not_held_up_by_whatever_lies_in_place_of_a_file) {
  ASSERT_TRUE(open()->write({{"a", "1"}}));
  fs::create_directory(generation(2));
  ASSERT_EQ(::mkfifo(generation(3).c_str(), 0600), 0);
  fs::create_symlink("/etc/passwd", generation(4));
  const auto store = open();
  EXPECT_THAT(store->problems(),
              ElementsAre(HasSubstr("checkpoints-4': it cannot be opened"),
                          HasSubstr("checkpoints-3': it is not a regular file"),
                          HasSubstr("checkpoints-2': it is not a regular file")));
  EXPECT_EQ(store->records(), (CheckpointRecords{{"a", "1"}}));
}

TEST_F(CheckpointStoreTest, makes_up_for_a_write_that_failed_with_the_next_one) {
  const auto store = open();
  fs::create_directory(generation(1));  // the generation cannot take its name
  const auto refused = store->write({{"a", "1"}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr(generation(1).string()));
  fs::remove(generation(1));
  ASSERT_TRUE(store->write({}));
  EXPECT_EQ(open()->records(), (CheckpointRecords{{"a", "1"}}));
}

TEST_F(CheckpointStoreTest, of_a_directory_that_cannot_be_made_is_refused_by_name) {
  const auto refused = CheckpointStore::open("/proc/none");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'/proc/none'"));
}

}  // namespace
}  // namespace mesolite::runtime
