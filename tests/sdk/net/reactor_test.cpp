#include "sdk/net/reactor.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace mesolite::net {
namespace {

TEST(Reactor, posts_run_in_order_and_those_from_within_run_in_the_next_turn) {
  Reactor reactor;
  std::string order;
  reactor.at_turn_end([&] { order += "|"; });
  reactor.post([&] {
    order += "a";
    reactor.post([&] {
      order += "c";
      reactor.stop();
    });
  });
  reactor.post([&] { order += "b"; });
  reactor.run();
  EXPECT_EQ(order, "ab|c|");
}

TEST(Reactor, a_stop_before_run_ends_it_at_once) {
  Reactor reactor;
  reactor.stop();
  reactor.run();
}

TEST(Reactor, posts_of_many_threads_all_arrive) {
  Reactor reactor;
  constexpr int threads = 4;
  constexpr int each = 5'000;
  int count = 0;
  std::vector<std::thread> posters;
  for (int t = 0; t < threads; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < each; ++i) {
        reactor.post([&] {
          if (++count == threads * each) reactor.stop();
        });
      }
    });
  }
  reactor.run();
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(count, threads * each);
}

TEST(Reactor, timers_fire_in_order_of_their_moments_and_never_early) {
  Reactor reactor;
  std::string order;
  const Time start = reactor.now();
  reactor.at(start + 4ms, [&] {
    order += "c";
    EXPECT_GE(reactor.now(), start + 4ms);
    reactor.stop();
  });
  reactor.at(start + 1ms, [&] { order += "a"; });
  reactor.at(start + 1ms, [&] { order += "b"; });
  reactor.run();
  EXPECT_EQ(order, "abc");
}

TEST(Reactor, a_timer_that_is_forgotten_never_fires) {
  Reactor reactor;
  const auto hook = reactor.at(reactor.now(), [] { FAIL(); });
  reactor.forget(hook);
  reactor.at(reactor.now() + 1ms, [&] { reactor.stop(); });
  reactor.run();
}

TEST(Reactor, a_timer_set_by_a_timer_waits_for_the_next_turn) {
  Reactor reactor;
  std::string order;
  reactor.at_turn_end([&] { order += "|"; });
  reactor.at(reactor.now(), [&] {
    order += "a";
    reactor.at(reactor.now(), [&] {
      order += "b";
      reactor.stop();
    });
  });
  reactor.run();
  EXPECT_EQ(order, "a|b|");
}

TEST(Reactor, a_turn_goes_posts_descriptors_timers_ends_flushes) {
  Reactor reactor;
  const int ready = ::eventfd(1, EFD_NONBLOCK);
  std::string order;
  reactor.at_flush([&] { order += "f"; });
  reactor.at_turn_end([&] {
    order += "e";
    reactor.stop();
  });
  reactor.at(reactor.now(), [&] { order += "t"; });
  reactor.watch(ready, [&] { order += "d"; });
  reactor.post([&] { order += "p"; });
  reactor.run();
  EXPECT_EQ(order, "pdtef");
  reactor.unwatch(ready);
  ::close(ready);
}

TEST(Reactor, a_deadline_brings_the_next_turn) {
  Reactor reactor;
  const Time due = reactor.now() + 3ms;
  int turns = 0;
  reactor.add_deadline([&]() -> std::optional<Time> { return due; });
  reactor.at_turn_end([&] {
    ++turns;
    if (reactor.now() >= due) reactor.stop();
  });
  reactor.run();
  EXPECT_GE(reactor.now(), due);
  EXPECT_LE(turns, 5);  // it waits; it does not poll
}

TEST(Reactor, a_descriptor_unwatched_by_another_in_the_same_turn_is_not_called) {
  Reactor reactor;
  const int first = ::eventfd(1, EFD_NONBLOCK);
  const int second = ::eventfd(1, EFD_NONBLOCK);
  int calls = 0;
  const auto only_me = [&](int other) {
    ++calls;
    reactor.unwatch(other);
    reactor.stop();
  };
  reactor.watch(first, [&] { only_me(second); });
  reactor.watch(second, [&] { only_me(first); });
  reactor.run();
  EXPECT_EQ(calls, 1);
  reactor.unwatch(first);
  reactor.unwatch(second);
  ::close(first);
  ::close(second);
}

TEST(Reactor, hooks_may_forget_themselves_and_others) {
  Reactor reactor;
  int first_calls = 0;
  Reactor::Hook first = 0;
  Reactor::Hook second = 0;
  first = reactor.at_turn_end([&] {
    ++first_calls;
    reactor.forget(first);
    reactor.forget(second);
  });
  second = reactor.at_turn_end([] { FAIL(); });
  reactor.at(reactor.now() + 2ms, [&] { reactor.stop(); });
  reactor.run();
  EXPECT_EQ(first_calls, 1);
}

}  // namespace
}  // namespace mesolite::net
