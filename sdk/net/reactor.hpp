// Reactor: the event loop of a thread that owns sockets. Daemons have one (the kernel thread), each
// driver has one.
//
// A turn: wait until something is ready or due; run what was posted; drain every ready socket and
// descriptor (bounded); fire due deadlines; call the end-of-turn functions, in which machines
// advance; then sockets send what was gathered. Work is gathered in bursts under load and costs no
// extra latency when idle. A turn costs the same however many descriptors are watched.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "mesolite/base/time.hpp"

namespace mesolite::net {

class Reactor {
 public:
  // Names a function that was added, for forget().
  using Hook = std::uint64_t;

  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // ---- [owning thread], or before run()
  // ---------------------------------------------------------- Calls `ready` in every turn in which
  // the descriptor is readable. The descriptor stays the caller's and is unwatched before it is
  // closed.
  void watch(int descriptor, std::function<void()> ready);
  void unwatch(int descriptor);
  // Calls `work` once, not before `when`.
  Hook at(Time when, std::function<void()> work);
  // Called at the end of each turn, in the order added.
  Hook at_turn_end(std::function<void()> work);
  // Asked after the end-of-turn functions: the next turn comes at that time at the latest.
  Hook add_deadline(std::function<std::optional<Time>()> next);
  void forget(Hook hook);  // any of the three; unknown ones are fine
  // The moment at which this turn began.
  Time now() const;
  void run();  // until stop(), also an earlier one

  // ---- [any thread]
  // ------------------------------------------------------------------------------ Runs `work` on
  // the owning thread, in order. Also from within a turn: then in the next one.
  void post(std::function<void()> work);
  // The turn under way is the last; what is posted later is dropped.
  void stop();

  // ---- for classes of sdk/net
  // -------------------------------------------------------------------- The ZeroMQ context that
  // the sockets of this reactor share.
  void* context() const;
  // A ZeroMQ socket: `ready` drains it until it would block, or a fair share of it.
  void watch_socket(void* socket, std::function<void()> ready);
  void unwatch_socket(void* socket);
  // Called after all end-of-turn functions, so that what they send leaves in the same turn.
  Hook at_flush(std::function<void()> work);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite::net
