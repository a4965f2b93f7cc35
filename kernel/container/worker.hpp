// The Containerizer's worker: one thread that carries out what is asked for, waits for the end of
// processes and for what isolators watch.
//
//   launch ─> running ─(first process ended)─> ending ─(its orphans ended)─> gone
//
// The one mutex guards the two queues between the worker and the rest of the process: requests in,
// outcomes out. Nothing is called while it is held.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "kernel/container/containerizer.hpp"
#include "kernel/container/process_tree.hpp"
#include "kernel/container/spawn.hpp"

namespace mesolite::container {

class Containerizer::Worker {
 public:
  using Request = std::function<void(Worker&)>;

  Worker(Settings settings, std::vector<NamedIsolator> isolators);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Status open();  // REQUIRES: called once, before all else
  void start();
  void stop();  // destroys all that runs, and joins

  // ---- [any thread] -----------------------------------------------------------------------------
  void post(Request request);
  int descriptor() const { return outcomes_ready_.get(); }
  std::vector<Outcome> take_outcomes();

  // ---- [worker thread] --------------------------------------------------------------------------
  void launch(LaunchRequest request);
  void terminate(const ContainerId& id);
  void destroy(const ContainerId& id);
  void update(ContainerContext context);
  void measure_usage();
  void retire(const std::string& sandbox);

 private:
  using Clock = std::chrono::steady_clock;

  struct Container {
    ContainerContext context;
    pid_t pid = 0;
    Descriptor pidfd;
    bool ended = false;      // the first process has, and is reaped
    bool destroyed = false;  // all of it shall end
    std::int32_t exit_status = 0;
    std::optional<Limitation> limitation;
    std::size_t prepared = 0;  // that many isolators know it, the first of the chain
    std::vector<std::uint64_t> watches;
  };

  enum class WatchKind : std::uint8_t { requests, leader, orphan, isolator };
  struct Watch {
    WatchKind kind = WatchKind::requests;
    ContainerId container;
    std::size_t isolator = 0;
    int descriptor = -1;
    Descriptor owned;  // the same, if it is ours to close
    pid_t pid = 0;     // of an orphan
  };
  struct Checkup {
    Clock::time_point when;
    ContainerId container;
    std::size_t isolator = 0;
    Clock::duration interval{};
    bool operator<(const Checkup& other) const { return when < other.when; }
  };

  // worker.cpp: the loop
  void run();
  void turn(std::chrono::milliseconds patience = std::chrono::milliseconds::max());
  int milliseconds_to_wait() const;
  void run_requests();
  void handle(std::uint64_t watch);
  std::uint64_t watch(Watch watch);
  void unwatch(std::uint64_t number);
  void report(Outcome outcome);
  void warn(std::string message) { report(Warning{std::move(message)}); }
  void end_all();

  // worker_containers.cpp: one container's life
  Result<Spawned> start_process(const LaunchRequest& request, Container& container);
  Result<Contribution> prepare(Container& container);
  void follow(Container& container);
  void leader_ended(Container& container);
  void watch_orphan(pid_t pid);
  void settle();  // ends what is left of ended containers, and reports those that are gone
  void finish(const ContainerId& id);
  void check(const ContainerId& id, std::size_t isolator);
  void run_checkups();
  void clean_up(const Container& container);
  Result<Identity> identity_of(const std::string& user);

  // janitor.cpp: a second thread, since removing a large tree takes long
  void collect_garbage_until_stopped();
  void set_live(const std::string& sandbox, bool live);

  const Settings settings_;
  const std::vector<NamedIsolator> isolators_;
  Spawner spawner_;
  ProcessTree tree_;

  Descriptor epoll_;
  Descriptor requests_ready_;
  Descriptor outcomes_ready_;
  std::thread thread_;
  std::thread janitor_;

  mutable std::mutex mutex_;
  std::deque<Request> requests_;
  std::vector<Outcome> outcomes_;
  std::unordered_set<std::string> live_sandboxes_;
  bool stopping_ = false;
  std::condition_variable stopped_;

  std::unordered_map<ContainerId, Container> containers_;
  std::unordered_map<std::uint64_t, Watch> watches_;
  std::uint64_t watch_last_ = 0;
  std::unordered_set<pid_t> watched_orphans_;
  std::unordered_set<ContainerId> ending_;  // their first process has ended
  std::multiset<Checkup> checkups_;
  Clock::time_point orphans_looked_for_{};
  bool settle_due_ = false;
  std::map<std::string, Identity> identities_;
};

}  // namespace mesolite::container
