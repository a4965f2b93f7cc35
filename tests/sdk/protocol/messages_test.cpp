#include "mesolite/protocol/messages.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "mesolite/base/random.hpp"
#include "mesolite/protocol/event.hpp"

namespace mesolite {
namespace {

// Fills every field of a described struct with a value that differs from its default.
class Filler {
 public:
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else if constexpr (NamedEnum<T>) {
      value = static_cast<T>(1 + ++count_ % (enum_count<T>() - 1));
    } else if constexpr (std::is_arithmetic_v<T>) {
      value = static_cast<T>(++count_ % 100 + 1);
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = "text" + std::to_string(++count_);
    } else if constexpr (std::is_same_v<T, Bytes>) {
      value = Bytes("bytes" + std::to_string(++count_));
    } else if constexpr (std::is_same_v<T, Duration>) {
      value = Duration(++count_);
    } else if constexpr (std::is_same_v<T, Time>) {
      value = Time(Duration(++count_));
    } else if constexpr (std::is_same_v<T, Resources>) {
      value = Resources::parse("cpus:" + std::to_string(++count_) + ";ports:[1-5]").value();
    } else if constexpr (std::is_same_v<T, Attribute>) {
      value = {"name", "value" + std::to_string(++count_)};
    } else if constexpr (Described<T>) {
      for_each_field(value, [this](std::string_view, auto& member) { fill(member); });
    } else {
      fill_container(value);
    }
  }

 private:
  template <class Tag>
  void fill_container(TextId<Tag>& id) {
    id.value = "id" + std::to_string(++count_);
  }
  template <class Tag>
  void fill_container(NumberId<Tag>& id) {
    id.value = static_cast<std::uint64_t>(++count_);
  }
  template <class T>
  void fill_container(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill_container(std::vector<T>& values) {
    values.resize(1);
    fill(values[0]);
  }
  template <class T>
  void fill_container(std::map<std::string, T>& values) {
    fill(values["key"]);
  }

  std::size_t count_ = 0;
};

std::vector<Message> filled_messages() {
  std::vector<Message> messages;
#define MESOLITE_MESSAGE(id, Name, direction, since) \
  {                                                  \
    Name message;                                    \
    Filler().fill(message);                          \
    messages.emplace_back(std::move(message));       \
  }
#include "mesolite/protocol/messages.def"
  return messages;
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string payload_of(const Message& message) {
  std::string payload;
  encode_message(payload, message);
  return payload;
}

TEST(Messages, ids_are_unique) {
  std::set<std::uint16_t> ids;
  for (const Message& message : filled_messages()) {
    EXPECT_TRUE(ids.insert(message_id(message)).second) << message_name(message);
    EXPECT_EQ(message_name(message_id(message)), message_name(message));
  }
}

TEST(Messages, every_message_survives_a_round_trip) {
  for (const Message& message : filled_messages()) {
    const auto decoded = decode_message(message_id(message), payload_of(message));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(payload_of(*decoded), payload_of(message)) << message_name(message);
    EXPECT_EQ(decoded->index(), message.index());
  }
}

TEST(Messages, every_truncation_of_every_message_is_an_error) {
  for (const Message& message : filled_messages()) {
    const std::string payload = payload_of(message);
    for (std::size_t size = 0; size < payload.size(); ++size) {
      EXPECT_FALSE(decode_message(message_id(message), payload.substr(0, size)).has_value());
    }
  }
}

TEST(Messages, damaged_payloads_never_crash) {
  Random random(5);
  for (const Message& message : filled_messages()) {
    const std::string whole = payload_of(message);
    for (int round = 0; round < 300; ++round) {
      std::string payload = whole;
      payload[random.below(payload.size())] = static_cast<char>(random.below(256));
      (void)decode_message(message_id(message), payload);
    }
  }
  EXPECT_EQ(decode_message(9999, "\x90").error().message, "message id 9999 is not known");
}

// The bytes of every released message stay readable, and a change of layout is seen in review.
TEST(Messages, golden_bytes_are_what_they_were) {
  const std::string path = std::string(MESOLITE_SOURCE_DIR) + "/tests/golden/messages.txt";
  std::ostringstream actual;
  for (const Message& message : filled_messages()) {
    actual << message_id(message) << ' ' << message_name(message) << ' ' << hex(payload_of(message))
           << '\n';
  }
  if (std::getenv("MESOLITE_REWRITE") != nullptr) std::ofstream(path) << actual.str();
  std::ifstream file(path);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(actual.str(), golden.str())
      << "the layout of a message has changed; fields may only be appended. If that is what you "
         "did, run with MESOLITE_REWRITE=1 and look at the difference";
}

TEST(Launch, packing_splits_a_task_and_unpacking_puts_it_together) {
  TaskInfo task;
  Filler().fill(task);
  const ExecutorInfo executor = *task.executor;
  const TaskLaunch launch = pack(task);
  EXPECT_EQ(launch.id, task.id);
  EXPECT_EQ(launch.executor_id, executor.id);
  EXPECT_EQ(launch.resources, task.resources);
  const TaskNotes notes = decode<TaskNotes>(launch.notes.view()).value();
  EXPECT_EQ(notes.labels, task.labels);
  EXPECT_EQ(notes.discovery, task.discovery);
  TaskInfo back = unpack(launch).value();
  EXPECT_FALSE(back.executor.has_value());
  back.executor = executor;
  EXPECT_EQ(back, task);
  EXPECT_EQ(unpack(pack(executor)).value(), executor);
}

TEST(Launch, a_task_without_labels_or_discovery_has_no_notes) {
  EXPECT_TRUE(pack(TaskInfo{}).notes.empty());
}

TEST(Launch, damaged_detail_names_the_task) {
  TaskLaunch launch;
  launch.id = TaskId("t1");
  launch.detail = Bytes("\xc1");
  EXPECT_EQ(unpack(launch).error().message.substr(0, 9), "task 't1'");
}

TEST(Types, state_names_are_those_of_mesos) {
  EXPECT_EQ(task_state_name(TaskState::gone_by_operator), "TASK_GONE_BY_OPERATOR");
  EXPECT_TRUE(is_terminal(TaskState::dropped));
  EXPECT_FALSE(is_terminal(TaskState::unreachable));
}

TEST(Event, text_quotes_what_has_blanks) {
  const Event event{Severity::info, "agent_lost", {{"agent", "A17"}, {"reason", "no \"pong\""}}};
  EXPECT_EQ(to_text(event), "agent_lost agent=A17 reason=\"no \\\"pong\\\"\"");
}

}  // namespace
}  // namespace mesolite
