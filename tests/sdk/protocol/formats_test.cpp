// Defends that every format of the msgpack specification that we take is read as what it stands
// for, whichever of several widths a writer has chosen, and that the others are refused.
#include <gtest/gtest.h>

#include "mesolite/protocol/codec.hpp"

namespace mesolite {
namespace {

// Of a literal, whose terminating zero is left out.
template <std::size_t size>
std::string packed(const char (&text)[size]) {
  return std::string(text, size - 1);
}

TEST(Formats, integers_of_all_widths_are_read) {
  const std::pair<std::string, std::int64_t> cases[] = {
      {packed("\x00"), 0},
      {packed("\x7f"), 127},
      {packed("\xff"), -1},
      {packed("\xe0"), -32},
      {packed("\xcc\x80"), 128},
      {packed("\xcd\x01\x00"), 256},
      {packed("\xce\x80\x00\x00\x00"), 2'147'483'648},
      {packed("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX},
      {packed("\xd0\x80"), -128},
      {packed("\xd0\x05"), 5},
      {packed("\xd1\x80\x00"), -32'768},
      {packed("\xd2\x80\x00\x00\x00"), -2'147'483'648},
      {packed("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), INT64_MIN},
      {packed("\xd3\x00\x00\x00\x00\x00\x00\x00\x09"), 9},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_EQ(decode<std::int64_t>(bytes).value(), expected);
  }
  const std::string largest = packed("\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
  EXPECT_EQ(decode<std::uint64_t>(largest).value(), UINT64_MAX);
  EXPECT_EQ(decode<std::int64_t>(largest).error().message, "number out of range");
}

TEST(Formats, numbers_of_both_widths_and_whole_ones_are_read) {
  EXPECT_EQ(decode<double>(packed("\xca\x3f\xc0\x00\x00")).value(), 1.5);
  EXPECT_EQ(decode<double>(packed("\xcb\xbf\xf8\x00\x00\x00\x00\x00\x00")).value(), -1.5);
  EXPECT_EQ(decode<double>(packed("\x07")).value(), 7);
  EXPECT_EQ(decode<double>(packed("\xff")).value(), -1);
}

TEST(Formats, texts_and_bytes_of_all_widths_are_read) {
  for (const char* head : {"\xa3", "\xd9\x03"}) {
    EXPECT_EQ(decode<std::string>(head + std::string("abc")).value(), "abc");
  }
  EXPECT_EQ(decode<std::string>(packed("\xda\x00\x03"
                                       "abc"))
                .value(),
            "abc");
  EXPECT_EQ(decode<std::string>(packed("\xdb\x00\x00\x00\x03"
                                       "abc"))
                .value(),
            "abc");
  EXPECT_EQ(decode<Bytes>(packed("\xc4\x01\xff")).value(), Bytes("\xff"));
  EXPECT_EQ(decode<Bytes>(packed("\xc5\x00\x01\xff")).value(), Bytes("\xff"));
  EXPECT_EQ(decode<Bytes>(packed("\xc6\x00\x00\x00\x01\xff")).value(), Bytes("\xff"));
}

TEST(Formats, lists_and_maps_of_all_widths_are_read) {
  const std::vector<std::int64_t> list{1, 2};
  EXPECT_EQ(decode<std::vector<std::int64_t>>(packed("\x92\x01\x02")).value(), list);
  EXPECT_EQ(decode<std::vector<std::int64_t>>(packed("\xdc\x00\x02\x01\x02")).value(), list);
  EXPECT_EQ(decode<std::vector<std::int64_t>>(packed("\xdd\x00\x00\x00\x02\x01\x02")).value(),
            list);
  const std::map<std::string, bool> map{{"a", true}};
  using Map = std::map<std::string, bool>;
  EXPECT_EQ(decode<Map>(packed("\x81\xa1\x61\xc3")).value(), map);
  EXPECT_EQ(decode<Map>(packed("\xde\x00\x01\xa1\x61\xc3")).value(), map);
  EXPECT_EQ(decode<Map>(packed("\xdf\x00\x00\x00\x01\xa1\x61\xc3")).value(), map);
}

TEST(Formats, extensions_and_the_format_that_is_never_used_are_refused) {
  for (const std::string& bytes :
       {packed("\xc1"), packed("\xd4\x01\x00"), packed("\xc7\x00\x01"), packed("\xc8\x00\x00\x01"),
        packed("\xd8\x01"
               "0123456789abcdef")}) {
    EXPECT_EQ(decode<Bytes>(bytes).error().message, "not a msgpack value within limits");
  }
}

TEST(Formats, what_lies_deeper_or_is_longer_than_the_limits_is_refused) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '\x91') + "\xc0"; };
  DecodeLimits limits;
  EXPECT_FALSE(msgpack_reader(nested(limits.depth_max), StructForm::list, limits)->failed());
  EXPECT_TRUE(msgpack_reader(nested(limits.depth_max + 1), StructForm::list, limits)->failed());
  limits.list_max = 2;
  EXPECT_FALSE(msgpack_reader(packed("\x92\x01\x02"), StructForm::list, limits)->failed());
  EXPECT_TRUE(msgpack_reader(packed("\x93\x01\x02\x03"), StructForm::list, limits)->failed());
  limits.text_bytes_max = 2;
  EXPECT_TRUE(msgpack_reader(packed("\xa3"
                                    "abc"),
                             StructForm::list, limits)
                  ->failed());
}

TEST(Formats, what_was_not_read_of_a_list_is_stepped_over) {
  const std::string bytes = packed("\x92\x93\x01\x92\xa1\x61\x80\xc4\x01\x00\x05");
  const auto reader = msgpack_reader(bytes);
  EXPECT_EQ(reader->begin_list(), 2u);
  EXPECT_EQ(reader->begin_list(), 3u);
  EXPECT_EQ(reader->integer(), 1);
  reader->end_list();
  EXPECT_EQ(reader->kind(), ValueKind::integer);
  EXPECT_EQ(reader->integer(), 5);
  reader->end_list();
  EXPECT_FALSE(reader->failed()) << reader->error();
}

}  // namespace
}  // namespace mesolite
