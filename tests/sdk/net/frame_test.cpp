#include "sdk/net/frame.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "mesolite/protocol/version.hpp"

namespace mesolite::net {
namespace {

Message kill(const std::string& id) {
  return KillTask{.task_id = TaskId(id), .agent_id = {}, .policy = {}};
}

std::string frame_of(const std::vector<Message>& messages, std::uint64_t epoch = 7) {
  FrameBuilder builder(epoch);
  for (const Message& message : messages) EXPECT_TRUE(builder.add(message));
  return builder.take();
}

struct Outcome {
  std::vector<Message> messages;
  int unknown = 0;
  int malformed = 0;
};

Outcome read_all(std::string_view frame) {
  Outcome outcome;
  auto reader = FrameReader::open(frame);
  if (!reader) {
    outcome.malformed = 1;
    return outcome;
  }
  while (!reader->at_end()) {
    const auto item = reader->next();
    if (!item) {
      ++outcome.malformed;
    } else if (!item->known) {
      ++outcome.unknown;
    } else {
      outcome.messages.push_back(item->message);
    }
  }
  return outcome;
}

TEST(Frame, messages_come_out_as_they_went_in) {
  const std::vector<Message> messages = {Ping{.sequence = 5}, kill("a"), Teardown{}};
  const std::string frame = frame_of(messages);
  EXPECT_EQ(FrameReader::open(frame)->epoch(), 7u);
  EXPECT_EQ(read_all(frame).messages, messages);
}

TEST(Frame, the_layout_is_the_documented_one) {
  const std::string frame = frame_of({Teardown{}}, 0x0102);
  // 'M' 'L', version, flags, epoch; length 1, id 30; the empty list.
  const std::string expected =
      std::string("ML\x01\x00\x02\x01\0\0\0\0\0\0", 12) + std::string("\x01\0\0\0\x1e\0\x90", 7);
  EXPECT_EQ(frame, expected);
}

TEST(Frame, every_truncation_is_refused_or_gives_only_whole_messages) {
  const std::vector<Message> messages = {kill("first"), kill("second")};
  const std::string frame = frame_of(messages);
  const std::size_t first_end = frame_of({messages[0]}).size();
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const Outcome outcome = read_all(frame.substr(0, size));
    const bool at_border = size == 12 || size == first_end;
    EXPECT_EQ(outcome.malformed, at_border ? 0 : 1) << size;
    EXPECT_EQ(outcome.messages.size(), size < first_end ? 0u : 1u) << size;
  }
}

TEST(Frame, hostile_lengths_end_the_frame) {
  for (const char byte : {'\x7f', '\xff'}) {
    std::string frame = frame_of({kill("a"), kill("b")});
    for (std::size_t i = 12; i < 16; ++i) frame[i] = byte;
    const Outcome outcome = read_all(frame);
    EXPECT_EQ(outcome.malformed, 1);
    EXPECT_TRUE(outcome.messages.empty());
  }
}

TEST(Frame, an_unknown_message_is_passed_over) {
  std::string frame = frame_of({kill("a"), kill("b")});
  frame[16] = '\xff';
  frame[17] = '\xff';
  const Outcome outcome = read_all(frame);
  EXPECT_EQ(outcome.unknown, 1);
  EXPECT_EQ(outcome.messages, std::vector<Message>{kill("b")});
}

TEST(Frame, a_malformed_message_does_not_hide_the_next) {
  std::string frame = frame_of({Ping{.sequence = 1}, kill("b")});
  frame[18] = '\xc1';  // never used by msgpack
  const Outcome outcome = read_all(frame);
  EXPECT_EQ(outcome.malformed, 1);
  EXPECT_EQ(outcome.messages, std::vector<Message>{kill("b")});
}

TEST(Frame, another_magic_version_or_flag_is_refused) {
  const std::string frame = frame_of({Teardown{}});
  for (const std::size_t position : {0u, 1u, 2u, 3u}) {
    std::string other = frame;
    other[position] = '\x55';
    EXPECT_FALSE(FrameReader::open(other)) << position;
  }
  std::string newer = frame;
  newer[2] = static_cast<char>(protocol_version + 1);
  EXPECT_EQ(FrameReader::open(newer).error().message, "frame of protocol version 2, ours is 1");
}

TEST(Frame, any_single_changed_byte_is_survived) {
  const std::string frame = frame_of({kill("some-task"), Ping{.sequence = 300}});
  for (std::size_t i = 0; i < frame.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      std::string changed = frame;
      changed[i] = static_cast<char>(value);
      const Outcome outcome = read_all(changed);
      EXPECT_LE(outcome.messages.size(), 3u);
    }
  }
}

TEST(Frame, a_message_past_the_bound_is_refused_and_the_rest_is_kept) {
  FrameBuilder builder;
  ASSERT_TRUE(builder.add(kill("kept")));
  const std::size_t size = builder.size();
  ExecutorData large;
  large.data.data.assign(message_bytes_max + 1, 'x');
  const Status added = builder.add(large);
  ASSERT_FALSE(added);
  EXPECT_NE(added.error().message.find("ExecutorData"), std::string::npos);
  EXPECT_EQ(builder.size(), size);
  EXPECT_EQ(read_all(builder.take()).messages, std::vector<Message>{kill("kept")});
  ASSERT_FALSE(builder.add(large));
  EXPECT_TRUE(builder.empty());
}

TEST(Frame, an_empty_frame_holds_an_epoch_and_nothing_else) {
  const auto reader = FrameReader::open(empty_frame(9));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->epoch(), 9u);
  EXPECT_TRUE(reader->at_end());
}

}  // namespace
}  // namespace mesolite::net
