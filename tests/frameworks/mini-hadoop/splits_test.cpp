// Defends: whatever the split size, every record comes exactly once, whole and in order.
#include "frameworks/mini-hadoop/input/splits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/input/text_source.hpp"
#include "mesolite/base/random.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {
namespace {

using Strings = std::vector<std::string>;

TEST(Splits, cut_large_files_at_multiples_of_the_size) {
  const auto splits = make_splits({{"big", 25}}, {.size = 10, .splittable = {}});
  ASSERT_EQ(splits.size(), 3U);
  EXPECT_EQ(splits[0].pieces, (std::vector<Piece>{{"big", 0, 10}}));
  EXPECT_EQ(splits[1].pieces, (std::vector<Piece>{{"big", 10, 10}}));
  EXPECT_EQ(splits[2].pieces, (std::vector<Piece>{{"big", 20, 5}}));
}

TEST(Splits, many_small_files_share_one) {
  const auto splits = make_splits({{"a", 4}, {"b", 4}, {"c", 4}}, {.size = 10, .splittable = {}});
  ASSERT_EQ(splits.size(), 2U);
  EXPECT_EQ(splits[0].pieces, (std::vector<Piece>{{"a", 0, 4}, {"b", 0, 4}}));
  EXPECT_EQ(splits[1].pieces, (std::vector<Piece>{{"c", 0, 4}}));
}

TEST(Splits, have_a_bounded_number_of_pieces) {
  const auto splits =
      make_splits({{"a", 1}, {"b", 1}, {"c", 1}}, {.size = 10, .splittable = {}, .pieces_max = 2});
  EXPECT_EQ(splits.size(), 2U);
}

TEST(Splits, leave_unsplittable_files_whole) {
  const auto splits = make_splits(
      {{"a", 25}, {"b", 1}}, {.size = 10, .splittable = [](const std::string&) { return false; }});
  ASSERT_EQ(splits.size(), 2U);
  EXPECT_EQ(splits[0].pieces, (std::vector<Piece>{{"a", 0, 25}}));
}

TEST(Splits, of_empty_files_do_not_exist) {
  EXPECT_TRUE(make_splits({{"a", 0}, {"b", 0}}, {}).empty());
  EXPECT_TRUE(make_splits({}, {}).empty());
}

// ---- records of pieces -------------------------------------------------------------------------

Strings reference_lines(const std::string& text) {
  Strings lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

class Pieces : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return path_;
  }

  Strings lines_of(const Piece& piece) {
    Strings lines;
    const auto reader = TextInputFormat().open(files_, piece).value();
    InputRecord record;
    while (reader->next(record).value()) lines.emplace_back(record.value);
    return lines;
  }

  Strings lines_of_all(std::uint64_t size, std::uint64_t split_size) {
    Strings lines;
    for (const Split& split :
         make_splits({{path_, size}}, {.size = split_size, .splittable = {}})) {
      for (const Piece& piece : split.pieces) {
        const Strings more = lines_of(piece);
        lines.insert(lines.end(), more.begin(), more.end());
      }
    }
    return lines;
  }

  LocalFileSystem files_;
  data::ScratchDirectory directory_ =
      data::ScratchDirectory::create(testing::TempDir(), "splits-").value();
  std::string path_ = directory_.file("text");
};

TEST_F(Pieces, give_each_line_once_for_every_split_size_of_every_awkward_text) {
  const Strings texts = {"",
                         "\n",
                         "\n\n\n",
                         "one",
                         "one\n",
                         "one\ntwo",
                         "one\r\ntwo\r\n\r\nfour",
                         "a\nbb\n\nccc\ndddddddddddddddddddddddd\ne\n",
                         "no end after a long line that is cut in many places",
                         std::string("nul\0byte\n\xff\xfe not utf-8\n", 22)};
  for (const std::string& text : texts) {
    write(text);
    const Strings expected = reference_lines(text);
    for (std::uint64_t size = 1; size <= text.size() + 1; ++size) {
      EXPECT_EQ(lines_of_all(text.size(), size), expected) << text << " cut every " << size;
    }
  }
}

TEST_F(Pieces, give_each_line_once_for_random_texts) {
  Random random(11);
  for (int round = 0; round < 40; ++round) {
    std::string text;
    for (auto left = random.below(300); left > 0; --left) text += "ab\n\r"[random.below(4)];
    write(text);
    const std::uint64_t size = 1 + random.below(40);
    EXPECT_EQ(lines_of_all(text.size(), size), reference_lines(text)) << "cut every " << size;
  }
}

TEST_F(Pieces, know_the_offset_of_each_record) {
  write("one\ntwo\nthree\n");
  const auto reader = TextInputFormat().open(files_, {path_, 2, 12}).value();
  InputRecord record;
  ASSERT_TRUE(reader->next(record).value());
  EXPECT_EQ(record.offset, 4U);
  ASSERT_TRUE(reader->next(record).value());
  EXPECT_EQ(record.offset, 8U);
}

TEST_F(Pieces, of_a_file_that_became_shorter_fail_with_its_name) {
  write("short");
  const auto reader = TextInputFormat().open(files_, {path_, 0, 100});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().message, "input '" + path_ + "' has become shorter since the job began");
}

// ---- chunks ------------------------------------------------------------------------------------

Strings chunks_of(TextSource& source) {
  Strings chunks;
  while (true) {
    const auto chunk = source.next().value();
    if (chunk.empty()) return chunks;
    chunks.emplace_back(chunk);
  }
}

TEST_F(Pieces, come_in_chunks_that_end_at_borders_whatever_the_chunk_size) {
  std::string text;
  Random random(5);
  while (text.size() < 20'000) {
    text += std::string(random.below(200), 'x') + " \n\t"[random.below(3)];
  }
  text += "end";
  write(text);
  for (const Border border : {Border::line, Border::whitespace}) {
    for (const std::size_t chunk_size : {1U, 7U, 100U, 4096U, 5000U, 1U << 20}) {
      data::Buffer buffer;
      const auto source = TextSource::open(files_, {path_, 0, text.size()}, buffer,
                                           {.border = border, .chunk_size = chunk_size});
      std::string joined;
      for (const std::string& chunk : chunks_of(**source)) {
        EXPECT_TRUE(joined.empty() ||
                    std::string_view(" \n\t").find(joined.back()) != std::string_view::npos);
        joined += chunk;
      }
      EXPECT_EQ(joined, text) << "chunk size " << chunk_size;
    }
  }
}

TEST_F(Pieces, hold_lines_of_many_chunks) {
  const std::string line(10'000'000, 'x');
  write("a\n" + line + "\nb\n");
  EXPECT_EQ(lines_of({path_, 0, 3}), (Strings{"a", line}));
  EXPECT_EQ(lines_of({path_, 3, 100}), Strings{});
  EXPECT_EQ(lines_of({path_, 10'000'000, 5}), Strings{"b"});
}

TEST_F(Pieces, with_a_record_past_the_limit_fail_with_its_place) {
  write("a\n" + std::string(1000, 'x') + "\n");
  data::Buffer buffer;
  const auto source =
      TextSource::open(files_, {path_, 0, 3}, buffer, {.chunk_size = 64, .record_max = 500});
  ASSERT_TRUE((*source)->next());
  const auto next = (*source)->next();
  ASSERT_FALSE(next);
  EXPECT_NE(next.error().message.find("the record at byte 2 is longer than 500"), std::string::npos)
      << next.error().message;
}

}  // namespace
}  // namespace mesolite::hadoop
