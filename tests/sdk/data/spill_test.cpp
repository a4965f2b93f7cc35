// Defends: a run comes back as it was written, or not at all.
#include "mesolite/data/spill.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/sdk/data/scratch.hpp"

namespace mesolite::data {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs numbered(int count) {
  Pairs pairs;
  for (int i = 0; i < count; ++i) {
    pairs.emplace_back("key " + std::to_string(i),
                       std::string(static_cast<std::size_t>(i % 50), 'v'));
  }
  return pairs;
}

SpillRun append_run(SpillWriter& writer, const Pairs& pairs) {
  for (const auto& [key, value] : pairs) EXPECT_TRUE(writer.append(key, value));
  return writer.end_run().value();
}

Result<Pairs> read_all(RunReader& reader) {
  Pairs pairs;
  while (true) {
    const auto more = reader.next();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return pairs;
    pairs.emplace_back(reader.key(), reader.value());
  }
}

Result<Pairs> read_bytes(std::string bytes, const SpillRun& run) {
  RunReader reader(memory_source("bytes", std::move(bytes)), run.length, run.records);
  return read_all(reader);
}

class Spill : public ScratchTest {
 protected:
  // Small frames, so that a run has several.
  static constexpr SpillOptions small{.frame_size = 4096, .compression = Compression::lz4};

  SpillRun write_run(const std::string& path, const Pairs& pairs, SpillOptions options = small) {
    auto writer = SpillWriter::create(path, options).value();
    const SpillRun run = append_run(*writer, pairs);
    EXPECT_TRUE(writer->close());
    return run;
  }
};

TEST_F(Spill, runs_of_one_file_are_read_apart_from_each_other) {
  const auto path = file("runs");
  auto writer = SpillWriter::create(path, small).value();
  const std::vector<Pairs> contents = {numbered(1000), {}, numbered(1), numbered(77)};
  std::vector<SpillRun> runs;
  for (const Pairs& pairs : contents) runs.push_back(append_run(*writer, pairs));
  ASSERT_TRUE(writer->close());

  const auto shared = std::make_shared<const File>(File::open(path).value());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    RunReader reader(file_source(shared, runs[i]), runs[i].length, runs[i].records);
    EXPECT_EQ(read_all(reader).value(), contents[i]) << "run " << i;
    EXPECT_EQ(runs[i].records, contents[i].size());
  }
}

TEST_F(Spill, runs_appended_to_a_file_leave_those_before_them_as_they_were) {
  const auto path = file("shared");
  const std::vector<Pairs> contents = {numbered(500), numbered(3), numbered(200)};
  std::vector<SpillRun> runs;
  for (const Pairs& pairs : contents) {
    auto writer = SpillWriter::append_to(path, small).value();
    runs.push_back(append_run(*writer, pairs));
    ASSERT_TRUE(writer->close());
  }
  const auto shared = std::make_shared<const File>(File::open(path).value());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    RunReader reader(file_source(shared, runs[i]), runs[i].length, runs[i].records);
    EXPECT_EQ(read_all(reader).value(), contents[i]) << "run " << i;
  }
}

TEST_F(Spill, empty_keys_and_values_and_every_byte_are_kept) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes.push_back(static_cast<char>(byte));
  const Pairs pairs = {{"", ""}, {"", "v"}, {all_bytes, ""}, {all_bytes, all_bytes}};
  for (const Compression compression : {Compression::none, Compression::lz4}) {
    const auto run =
        write_run(file("bytes"), pairs, {.frame_size = 64, .compression = compression});
    EXPECT_EQ(read_bytes(read(file("bytes")), run).value(), pairs);
  }
}

TEST_F(Spill, a_record_larger_than_a_frame_gets_a_frame_of_its_own) {
  const Pairs pairs = {
      {"a", "small"}, {std::string(100'000, 'k'), std::string(10'000'000, 'v')}, {"z", "small"}};
  const auto run = write_run(file("large"), pairs);
  EXPECT_EQ(read_bytes(read(file("large")), run).value(), pairs);
}

TEST_F(Spill, a_record_past_the_limit_is_refused_with_its_size) {
  auto writer = SpillWriter::create(file("too large"), small).value();
  const auto appended = writer->append("key", std::string(frame_raw_max, 'v'));
  ASSERT_FALSE(appended);
  EXPECT_NE(appended.error().message.find("cannot spill a record of 67108"), std::string::npos)
      << appended.error().message;
}

TEST_F(Spill, every_truncation_is_an_error_and_never_a_shorter_run) {
  const auto run = write_run(file("whole"), numbered(300));
  const std::string whole = read(file("whole"));
  ASSERT_EQ(whole.size(), run.length);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto pairs = read_bytes(whole.substr(0, size), run);
    ASSERT_FALSE(pairs) << "cut to " << size << " of " << whole.size();
    EXPECT_NE(pairs.error().message.find("run 'bytes' is damaged"), std::string::npos);
  }
}

TEST_F(Spill, every_changed_byte_is_noticed) {
  const auto run = write_run(file("whole"), numbered(120));
  const std::string whole = read(file("whole"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_FALSE(read_bytes(changed, run)) << "byte " << at;
  }
}

TEST_F(Spill, a_run_with_another_number_of_records_is_an_error) {
  auto run = write_run(file("whole"), numbered(10));
  run.records = 11;
  const auto pairs = read_bytes(read(file("whole")), run);
  ASSERT_FALSE(pairs);
  EXPECT_NE(pairs.error().message.find("another number of records"), std::string::npos);
}

TEST(Frame, lengths_past_their_limit_are_refused_before_anything_is_allocated) {
  std::string frame(frame_size_max(4), '\0');
  frame.resize(encode_frame("abcd", Compression::none, frame.data()));
  for (const std::size_t field : {4U, 8U}) {
    std::string hostile = frame;
    hostile.replace(field, 4, "\xff\xff\xff\xff");
    FrameHeader header;
    EXPECT_EQ(decode_frame_header(hostile, header), FrameFault::too_large);
  }
}

TEST(Records, a_number_that_does_not_end_is_refused) {
  const std::string endless(20, '\xff');
  std::uint64_t number = 0;
  EXPECT_EQ(get_varint(endless.data(), endless.data() + endless.size(), number), nullptr);
  EXPECT_EQ(get_varint(endless.data(), endless.data() + 3, number), nullptr);
}

TEST(Records, lengths_that_overflow_do_not_pass_for_a_record) {
  std::string bytes(2 * varint_size_max, '\0');
  char* out = put_varint(bytes.data(), ~std::uint64_t{0});
  out = put_varint(out, 2);
  Record record;
  EXPECT_EQ(get_record(bytes.data(), bytes.data() + bytes.size(), record), nullptr);
}

TEST(Records, numbers_of_all_sizes_come_back) {
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (const std::uint64_t number :
         {std::uint64_t{1} << shift, (std::uint64_t{1} << shift) - 1, ~std::uint64_t{0} >> shift}) {
      std::string bytes(varint_size_max, '\0');
      const char* const end = put_varint(bytes.data(), number);
      std::uint64_t back = 0;
      EXPECT_EQ(get_varint(bytes.data(), end, back), end);
      EXPECT_EQ(back, number);
    }
  }
}

}  // namespace
}  // namespace mesolite::data
