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
#include "kernel/container/check/check_messages.hpp"
#include "kernel/container/containerizer.hpp"
#include "kernel/container/launch_spec.hpp"
#include "kernel/container/launcher_link.hpp"
#include "kernel/container/sandbox.hpp"

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
  void recover(std::vector<ContainerContext> known, std::vector<ContainerId> orphans);
  void launch(LaunchRequest request);
  void terminate(const ContainerId& id);
  void destroy(const ContainerId& id);
  void update(ContainerContext context);
  void begin_check(const ContainerId& id, std::uint64_t number, const Check& check);
  void measure_usage();
  void forget(const ContainerId& id);
  void retire(const std::string& sandbox);
  void leave() { leaving_ = true; }

 private:
  using Clock = std::chrono::steady_clock;

  // All that is needed to start a process.
  struct Prepared {
    LauncherRequest order;
    Sandbox sandbox;
  };
  struct Container {
    ContainerContext context;
    bool running = false;
    bool orphan = false;                    // nobody wants to hear of it
    std::unique_ptr<Prepared> fetching;     // its files are being fetched
    std::vector<std::string> secret_files;  // names; the launcher removes them, if it can
    Bytes seccomp_filter;                   // for commands that check it
    std::string refusal;                    // why it must not go on from the gate
    std::optional<Limitation> limitation;
    std::size_t prepared = 0;  // that many isolators know it, the first of the chain
    bool written = false;      // its cgroups were written to for isolators
    std::vector<std::uint64_t> watches;
  };
  // A check under way: a process of ours that looks after a container.
  struct RunningCheck {
    ContainerId container;
    std::uint64_t number = 0;
    pid_t pid = 0;
    Descriptor answer;
    Duration timeout{};
    std::uint64_t watch = 0;
  };

  enum class WatchKind : std::uint8_t { requests, launcher, gate, isolator, check };
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
  void disconnect(const std::string& why);
  void tell(LauncherOrder order, const ContainerId& id);
  Status tell(const LauncherRequest& request, const std::vector<int>& descriptors = {});
  void flush();
  void watch_sending();
  void hear();
  void take(LauncherReport& report);
  void serve_gate();

  // worker_recovery.cpp: what an earlier agent has left behind
  void adopt(ContainerContext context, const LauncherReport* left);
  bool disown(const LauncherReport& left);
  void recover_isolators(std::vector<ContainerId> orphans);
  std::vector<ContainerId> groups_of_nobody();

  // worker_containers.cpp: one container's life
  Status start_process(LaunchRequest& request, Container& container);
  Result<Sandbox> make_sandbox(const LaunchRequest& request, const std::optional<Owner>& owner,
                               Container& container);
  Status start(Prepared& prepared);
  void fetch(std::vector<Uri> uris, Container& container, std::unique_ptr<Prepared> prepared);
  void fetched(const ContainerId& id, const Status& status);
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

  // worker_checks.cpp: checks that the agent asks for
  Result<pid_t> spawn_check(const CheckOrder& order, const Descriptor& answer);
  void check_ended(std::uint64_t watch);
  void end_overdue_checks();
  void report_check(const ContainerId& id, std::uint64_t number, CheckOutcome outcome);

  // janitor.cpp: a second thread, since removing a large tree takes long
  void collect_garbage_until_stopped();
  void rotate_logs_until_stopped();  // a third one
  void rotate_logs(const std::string& sandbox);
  void set_live(const std::string& sandbox, bool live);

  const Settings settings_;
  const std::vector<NamedIsolator> isolators_;
  CgroupWriter cgroups_;
  std::unique_ptr<LauncherLink> launcher_;  // none: it is lost, and no new one could be had
  std::vector<std::uint64_t> launcher_watches_;
  std::vector<std::pair<ContainerId, std::int32_t>> ended_before_;  // while it recovers
  bool sending_ = false;  // the launcher's socket was full
  bool leaving_ = false;
  bool recovered_ = false;  // what an earlier agent has left behind is ours

  Descriptor epoll_;
  Descriptor requests_ready_;
  Descriptor outcomes_ready_;
  std::thread thread_;
  std::thread janitor_;
  std::thread rotator_;

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
  std::unordered_map<std::uint64_t, RunningCheck> checks_;      // by watch
  std::multimap<Clock::time_point, std::uint64_t> checks_due_;  // watches; also of those that ended
  std::map<std::string, Identity> identities_;
  std::optional<Fetcher> fetcher_;  // last: its threads post to the worker
};

}  // namespace mesolite::container
