// Crew: threads that come and go. One that has ended is joined when the next begins, so that a
// program of many days has no more of them than work.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <thread>
#include <utility>

namespace mesolite::spark {

// Not thread-safe: its owner sees to that.
class Crew {
 public:
  Crew() = default;
  ~Crew() { join(); }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  void start(std::function<void()> work) {
    members_.remove_if([](const Member& member) { return member.ended.load(); });
    Member& member = members_.emplace_back();
    member.thread = std::jthread([&member, work = std::move(work)] {
      work();
      member.ended = true;
    });
  }
  void join() { members_.clear(); }

 private:
  struct Member {
    std::atomic<bool> ended = false;
    std::jthread thread;  // last: joined before the rest goes
  };
  std::list<Member> members_;
};

}  // namespace mesolite::spark
