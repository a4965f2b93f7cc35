// Reactor: the event loop of a thread that owns sockets. Daemons have one (the kernel thread), each
// driver has one.
//
// A turn: wait until something is ready or due; run what was posted; drain every ready socket and
// descriptor (bounded); fire due deadlines; call the end-of-turn functions, in which machines
// advance and sockets send what was gathered. Work is gathered in bursts under load and costs no
// extra latency when idle.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "mesolite/base/time.hpp"

namespace mesolite::net {

class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  // ---- [owning thread], or before run() ----------------------------------------------------------
  // Calls `ready` in every turn in which the descriptor is readable. The descriptor stays the
  // caller's and is unwatched before it is closed.
  void watch(int descriptor, std::function<void()> ready);
  void unwatch(int descriptor);
  // Calls `work` once, not before `when`.
  void at(Time when, std::function<void()> work);
  // Called at the end of each turn, in the order added.
  void at_turn_end(std::function<void()> work);
  // Asked after the end-of-turn functions: the next turn comes at that time at the latest.
  void add_deadline(std::function<std::optional<Time>()> next);
  // The moment at which this turn began.
  Time now() const;
  void run();  // until stop()

  // ---- [any thread] ------------------------------------------------------------------------------
  // Runs `work` on the owning thread, in order. Also from within a turn: then in the next one.
  void post(std::function<void()> work);
  void stop();

  // The ZeroMQ context that the sockets of this reactor share, for classes of sdk/net.
  void* context() const;
  // A ZeroMQ socket: `ready` drains it until it would block.
  void watch_socket(void* socket, std::function<void()> ready);
  void unwatch_socket(void* socket);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite::net
