#include "kernel/container/channel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kernel/container/launcher_messages.hpp"

namespace mesolite::container {
namespace {

struct Ends {
  Ends() {
    int numbers[2] = {-1, -1};
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, numbers);
    one.emplace(Descriptor(numbers[0]));
    two.emplace(Descriptor(numbers[1]));
  }
  std::optional<Channel> one;
  std::optional<Channel> two;
};

LauncherReport report(const std::string& step) {
  LauncherReport report;
  report.event = LauncherEvent::failed;
  report.step = step;
  return report;
}

TEST(Channel, frames_arrive_whole_and_in_order) {
  Ends ends;
  ASSERT_TRUE(ends.one->send(report("first")));
  ASSERT_TRUE(ends.one->send(report("second")));
  ASSERT_TRUE(ends.one->flush());
  ASSERT_TRUE(ends.two->receive());
  EXPECT_EQ((*ends.two->next<LauncherReport>())->step, "first");
  EXPECT_EQ((*ends.two->next<LauncherReport>())->step, "second");
  EXPECT_FALSE(*ends.two->next<LauncherReport>());
}

TEST(Channel, what_a_full_socket_does_not_take_is_sent_later) {
  Ends ends;
  const std::string long_text(1u << 20, 'x');
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(ends.one->send(report(long_text)));
  ASSERT_TRUE(ends.one->flush());
  EXPECT_TRUE(ends.one->sending());
  int arrived = 0;
  for (int turn = 0; turn < 100'000 && arrived < 3; ++turn) {
    ASSERT_TRUE(ends.one->flush());
    ASSERT_TRUE(ends.two->receive());
    const auto next = ends.two->next<LauncherReport>();
    ASSERT_TRUE(next) << next.error().message;
    if (!*next) continue;
    EXPECT_EQ((*next)->step, long_text);
    ++arrived;
  }
  EXPECT_EQ(arrived, 3);
  EXPECT_FALSE(ends.one->sending());
}

TEST(Channel, descriptors_come_with_their_frames_also_when_they_had_to_wait) {
  Ends ends;
  const Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::string long_text(1u << 20, 'x');
  ASSERT_TRUE(ends.one->send(report(long_text)));
  ASSERT_TRUE(ends.one->send(report("with one"), {null.get()}));
  std::string last;
  for (int turn = 0; turn < 100'000 && last != "with one"; ++turn) {
    ASSERT_TRUE(ends.one->flush());
    ASSERT_TRUE(ends.two->receive());
    if (const auto next = ends.two->next<LauncherReport>(); *next) last = (*next)->step;
  }
  const Descriptor taken = ends.two->take_descriptor();
  ASSERT_TRUE(taken);
  struct stat here {};
  struct stat there {};
  ASSERT_EQ(::fstat(null.get(), &here), 0);
  ASSERT_EQ(::fstat(taken.get(), &there), 0);
  EXPECT_EQ(here.st_rdev, there.st_rdev);
  EXPECT_FALSE(ends.two->take_descriptor());
}

TEST(Channel, another_end_that_is_gone_is_found_so) {
  Ends ends;
  ends.one.reset();
  EXPECT_FALSE(ends.two->receive());
}

TEST(Channel, what_is_no_frame_is_refused) {
  int numbers[2] = {-1, -1};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, numbers), 0);
  const Descriptor hostile(numbers[0]);
  Channel channel((Descriptor(numbers[1])));
  ASSERT_EQ(::send(hostile.get(), "\xff\xff\xff\xff", 4, 0), 4);
  ASSERT_TRUE(channel.receive());
  EXPECT_FALSE(channel.next<LauncherReport>());
}

}  // namespace
}  // namespace mesolite::container
