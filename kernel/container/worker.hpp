// The Containerizer's worker: one thread that carries out what is asked for, waits for the end of
// processes and for what isolators watch.
//
//   launch ─> starting ─(at the gate: isolate)─> running ─(all of it has ended)─> gone
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

#include "kernel/container/cgroup_writer.hpp"
#include "kernel/container/containerizer.hpp"
#include "kernel/container/launch_spec.hpp"
#include "kernel/container/launcher_link.hpp"

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
  void recover(std::vector<ContainerContext> known);
  void launch(LaunchRequest request);
  void terminate(const ContainerId& id);
  void destroy(const ContainerId& id);
  void update(ContainerContext context);
  void measure_usage();
  void forget(const ContainerId& id);
  void retire(const std::string& sandbox);

 private:
  using Clock = std::chrono::steady_clock;

  struct Container {
    ContainerContext context;
    bool running = false;
    std::string refusal;  // why it must not go on from the gate
    std::optional<Limitation> limitation;
    std::size_t prepared = 0;  // that many isolators know it, the first of the chain
    bool written = false;      // its cgroups were written to for isolators
    std::vector<std::uint64_t> watches;
  };

  enum class WatchKind : std::uint8_t { requests, launcher, gate, isolator };
  struct Watch {
    WatchKind kind = WatchKind::requests;
    ContainerId container;
    std::size_t isolator = 0;
    int descriptor = -1;
    Descriptor owned;  // the same, if it is ours to close
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

  // worker_launcher.cpp: what the launcher is told and tells
  Status connect();
  void adopt(ContainerContext context, const LauncherReport* left);
  void disconnect(const std::string& why);
  void tell(LauncherOrder order, const ContainerId& id);
  Status tell(const LauncherRequest& request, const std::vector<int>& descriptors = {});
  void flush();
  void watch_sending();
  void hear();
  void take(LauncherReport& report);
  void serve_gate();

  // worker_containers.cpp: one container's life
  Status start_process(LaunchRequest& request, Container& container);
  Result<Contribution> prepare(Container& container);
  Status write_cgroups(const std::vector<CgroupWrite>& writes, Container& container,
                       LaunchSpec& spec);
  Status isolate(Container& container);
  void refuse(const ContainerId& id, Error error);
  void started(const ContainerId& id, std::int64_t pid);
  void follow(Container& container);
  void finish(const ContainerId& id, std::int32_t exit_status);
  void check(const ContainerId& id, std::size_t isolator);
  void run_checkups();
  void clean_up(const Container& container);
  Result<Identity> identity_of(const std::string& user);

  // janitor.cpp: a second thread, since removing a large tree takes long
  void collect_garbage_until_stopped();
  void set_live(const std::string& sandbox, bool live);

  const Settings settings_;
  const std::vector<NamedIsolator> isolators_;
  CgroupWriter cgroups_;
  std::unique_ptr<LauncherLink> launcher_;  // none: it is lost, and no new one could be had
  std::vector<std::uint64_t> launcher_watches_;
  std::vector<std::pair<ContainerId, std::int32_t>> ended_before_;  // while it recovers
  bool sending_ = false;  // the launcher's socket was full

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
  std::multiset<Checkup> checkups_;
  std::map<std::string, Identity> identities_;
};

}  // namespace mesolite::container
