#include "mesolite/protocol/codec.hpp"

#include <gtest/gtest.h>

#include "mesolite/base/random.hpp"
#include "mesolite/protocol/types.hpp"

namespace mesolite {
namespace {

struct Inner {
  std::uint16_t port = 7;
  MESOLITE_FIELDS(port);
};

struct Old {
  std::string name = "default";
  MESOLITE_FIELDS(name);
};

struct New {
  std::string name = "default";
  std::optional<double> weight = 0.5;
  std::vector<Inner> inners;
  std::map<std::string, bool> switches;
  MESOLITE_FIELDS(name, weight, inners, switches);
};

MESOLITE_ENUM(Colour, unknown, red, green)

struct Painted {
  Colour colour = Colour::red;
  MESOLITE_FIELDS(colour);
};

TEST(Codec, values_survive_a_round_trip) {
  const New value{"n", 2.25, {{1}, {65535}}, {{"a", true}, {"b", false}}};
  EXPECT_EQ(decode<New>(encode(value)).value(), value);
  EXPECT_EQ(decode<New>(encode(value, StructForm::map), StructForm::map).value(), value);
}

TEST(Codec, newer_reader_keeps_defaults_of_fields_that_an_older_writer_lacks) {
  const New value = decode<New>(encode(Old{"old"})).value();
  EXPECT_EQ(value, (New{"old", 0.5, {}, {}}));
}

TEST(Codec, older_reader_skips_fields_that_a_newer_writer_added) {
  const New value{"n", 2.25, {{1}}, {{"a", true}}};
  EXPECT_EQ(decode<Old>(encode(value)).value().name, "n");
}

TEST(Codec, enum_values_of_a_newer_peer_become_unknown) {
  std::string bytes;
  const auto writer = msgpack_writer(bytes);
  writer->begin_struct(1);
  writer->natural(200);
  EXPECT_EQ(decode<Painted>(bytes).value().colour, Colour::unknown);
  EXPECT_EQ(to_text(Colour::green), "green");
}

TEST(Codec, error_names_the_field_and_both_kinds) {
  std::string bytes;
  const auto writer = msgpack_writer(bytes);
  writer->begin_struct(3);
  writer->text("n");
  writer->nil();
  writer->begin_list(2);
  writer->begin_struct(1);
  writer->natural(1);
  writer->begin_struct(1);
  writer->text("x");
  EXPECT_EQ(decode<New>(bytes).error().message, "inners[].port: expected integer, got text");
}

TEST(Codec, numbers_out_of_range_are_refused) {
  std::string bytes;
  const auto writer = msgpack_writer(bytes);
  writer->begin_struct(1);
  writer->natural(65536);
  EXPECT_EQ(decode<Inner>(bytes).error().message, "port: number out of range");
  bytes.clear();
  const auto second = msgpack_writer(bytes);
  second->begin_struct(1);
  second->integer(-1);
  EXPECT_EQ(decode<Inner>(bytes).error().message, "port: number is negative");
}

TEST(Codec, trailing_bytes_are_refused) {
  EXPECT_EQ(decode<Old>(encode(Old{}) + "x").error().message, "bytes follow the value");
}

TEST(Codec, every_truncation_is_an_error_and_no_crash) {
  const std::string whole = encode(New{"n", 2.25, {{1}, {2}}, {{"a", true}}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode<New>(std::string_view(whole).substr(0, size)).has_value()) << size;
  }
}

TEST(Codec, hostile_headers_are_refused_without_allocation) {
  for (const char* bytes : {"\xdd\xff\xff\xff\xff", "\xdf\xff\xff\xff\xff", "\xdb\xff\xff\xff\xff",
                            "\xc6\xff\xff\xff\xff", "\xc9\xff\xff\xff\xff"}) {
    EXPECT_FALSE(decode<New>(std::string_view(bytes, 5)).has_value());
  }
  EXPECT_FALSE(decode<New>(std::string(1'000'000, '\x91')).has_value());
}

TEST(Codec, random_bytes_never_crash_the_decoder) {
  Random random(3);
  const std::string whole = encode(New{"name", 2.25, {{1}, {2}}, {{"a", true}}});
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = whole;
    const std::size_t flips = 1 + random.below(4);
    for (std::size_t i = 0; i < flips; ++i) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    const auto result = decode<New>(bytes);
    if (!result) {
      EXPECT_FALSE(result.error().message.empty());
    }
  }
}

TEST(Codec, text_that_is_not_utf8_is_refused) {
  for (const char* text : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(decode<Old>(encode(Old{text})).error().message, "name: text is not UTF-8");
  }
  EXPECT_TRUE(decode<Old>(encode(Old{"Grüße, 世界, \xf0\x9f\x8c\x8d"})).has_value());
}

TEST(Codec, resources_survive_a_round_trip) {
  Resources all =
      Resources::parse("cpus:2;mem:10.5;ports:[1-5, 9-9];tags:{a,b};cpus(eng):1").value();
  Resource volume;
  volume.key.name = "disk";
  volume.key.reservations = {{"eng", true, "alice", {{"k", "v"}}}};
  volume.key.volume = Volume{"v1", "data", "alice"};
  volume.amount = 64'000;
  all.add(volume);
  EXPECT_EQ(decode<Resources>(encode(all)).value(), all);
  EXPECT_EQ(encode(Resources()).size(), 1u);
  EXPECT_EQ(decode<Resources>(encode(Resources())).value(), Resources());
}

TEST(Codec, resource_amounts_beyond_the_limit_are_refused) {
  const Resources huge(Scalars{0, amount_max + 1, 0, 0});
  EXPECT_EQ(decode<Resources>(encode(huge)).error().message, "mem: amount is out of range");
}

TEST(Codec, times_and_durations_survive_a_round_trip) {
  EXPECT_EQ(decode<Duration>(encode(Duration(-5))).value(), Duration(-5));
  const Time time(1'700'000'000s);
  EXPECT_EQ(decode<Time>(encode(time)).value(), time);
}

}  // namespace
}  // namespace mesolite
