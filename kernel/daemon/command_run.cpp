// `mesolite run`: one task, its output, its exit status.
#include <pwd.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <poll.h>
#include <cerrno>
#include <cmath>
#include <deque>
#include <iostream>
#include <mutex>
#include <thread>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/process.hpp"
#include "kernel/daemon/run_scheduler.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/runtime/signals.hpp"
#include "mesolite/base/random.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::daemon {
namespace {

constexpr std::string_view program = "mesolite run";
constexpr int exit_unable = 125;  // the command was not run, or nobody knows how it ended

// Calls from other threads, waiting for the main thread: all decisions are made there.
class Mailbox {
 public:
  Mailbox() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  int descriptor() const { return wake_.get(); }
  // [any thread]
  void post(std::function<void()> letter) {
    {
      const std::lock_guard lock(mutex_);
      letters_.push_back(std::move(letter));
    }
    ::eventfd_write(wake_.get(), 1);
  }
  void open_all() {
    eventfd_t count = 0;
    ::eventfd_read(wake_.get(), &count);
    std::deque<std::function<void()>> letters;
    {
      const std::lock_guard lock(mutex_);
      letters.swap(letters_);
    }
    for (const auto& letter : letters) letter();
  }

 private:
  Descriptor wake_;
  std::mutex mutex_;  // guards the letters; held to move one in or all out
  std::deque<std::function<void()>> letters_;
};

// False when nobody reads any more.
bool write_all(int descriptor, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(descriptor, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? std::to_string(::geteuid()) : user->pw_name;
}

Resources asked_for(const RunOptions& options) {
  const auto thousandths = [](double amount) { return std::llround(amount * 1000); };
  Resources resources;
  resources.set_plain(Scalar::cpus, thousandths(options.cpus));
  resources.set_plain(Scalar::mem, thousandths(options.mem));
  resources.set_plain(Scalar::disk, thousandths(options.disk));
  return resources;
}

Result<TaskInfo> make_task(const RunOptions& options) {
  TaskInfo task;
  task.id = TaskId("run-" + std::to_string(random_seed() >> 16));
  task.name = options.name.empty() ? options.command.front() : options.name;
  task.resources = asked_for(options);
  CommandInfo& command = task.command.emplace();
  command.shell = false;
  command.value = options.command.front();
  command.arguments = options.command;
  for (const std::string& variable : options.environment) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0) {
      return failure("--env: expected NAME=value, got '" + variable + "'");
    }
    command.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return task;
}

SchedulerOptions scheduler_options(const RunOptions& options, const TaskInfo& task) {
  SchedulerOptions scheduler;
  scheduler.master = options.master;
  scheduler.acknowledgements = Acknowledgements::explicit_;
  scheduler.framework.name = "mesolite run: " + task.name;
  scheduler.framework.user = user_name();
  scheduler.framework.roles = {options.role};
  scheduler.framework.principal = options.principal;
  scheduler.authenticator = options.authenticator;
  scheduler.principal = options.principal;
  scheduler.secret_file = options.secret_file;
  scheduler.bus_key = options.bus_key;
  scheduler.bus_trust = options.bus_trust;
  return scheduler;
}

// Its exit status then says 137, and only the message why.
bool ended_by_others(const TaskStatus& status) {
  return status.state != TaskState::finished && status.reason != UpdateReason::none &&
         status.reason != UpdateReason::command_executor_failed &&
         status.reason != UpdateReason::task_kill_requested;
}

// The one task from launch to last byte. Everything but the posts runs on the main thread.
class Run {
 public:
  Run(const RunOptions& options, TaskInfo task)
      : identity_(scheduler_options(options, task)),
        scheduler_(task, observer()),
        driver_(scheduler_, identity_) {}

  ~Run() {
    if (waiter_.joinable()) waiter_.join();
  }

  int serve(runtime::SignalWatch& signals) {
    if (auto started = driver_.start(); !started)
      return fail(program, started.error(), exit_unable);
    while (!exit_status_) {
      pollfd wanted[] = {{mailbox_.descriptor(), POLLIN, 0}, {signals.descriptor(), POLLIN, 0}};
      ::poll(wanted, 2, -1);
      mailbox_.open_all();
      while (const int signal = signals.take()) interrupt(signal);
    }
    if (ended_ && output_complete_) driver_.acknowledge(*ended_);
    driver_.stop(false);
    driver_.join();
    // A reader that still waits for its agent cannot be called off.
    if (waiter_.joinable() && !readers_done_) ::_exit(*exit_status_);
    return *exit_status_;
  }

 private:
  RunScheduler::Observer observer() {
    return {.begun = [this](const auto& begun) { post([this, begun] { read_output(begun); }); },
            .ended = [this](const auto& status) { post([this, status] { end(status); }); },
            .failed = [this](const auto& why) { post([this, why] { give_up(why); }); },
            .notice = [](const auto& text) { std::cerr << program << ": " << text << std::endl; }};
  }

  void post(std::function<void()> letter) { mailbox_.post(std::move(letter)); }

  void read_output(const RunScheduler::Begun& begun) {
    read_file(begun, "stdout", STDOUT_FILENO);
    read_file(begun, "stderr", STDERR_FILENO);
    waiter_ = std::thread([this, count = readers_.size()] {
      Status complete;
      for (std::size_t i = 0; i < count; ++i) {
        if (auto waited = readers_[i]->wait(); !waited && complete) complete = waited;
      }
      post([this, complete] { finish_output(complete); });
    });
  }

  void read_file(const RunScheduler::Begun& begun, const char* file, int descriptor) {
    auto sink = [this, descriptor](std::string_view data) {
      if (!write_all(descriptor, data)) post([this] { lose_reader(); });
    };
    readers_.push_back(std::make_unique<SandboxReader>(
        SandboxFile{begun.agent_bus, begun.framework, scheduler_.task(), file}, std::move(sink),
        identity_));
  }

  void finish_output(const Status& complete) {
    readers_done_ = true;
    output_complete_ = true;
    if (!complete) {
      std::cerr << program << ": output is incomplete: " << complete.error().message << std::endl;
    }
    conclude();
  }

  void end(const TaskStatus& status) {
    ended_ = status;
    // A word of the master alone: the agent is gone, or has never had the task.
    if (status.source == UpdateSource::master) output_complete_ = true;
    conclude();
  }

  void conclude() {
    if (!ended_ || !output_complete_ || exit_status_) return;
    if (ended_->exit_status) {
      if (ended_by_others(*ended_)) {
        std::cerr << program << ": " << ended_->message << std::endl;
      }
      exit_status_ = shell_status(*ended_->exit_status);
      return;
    }
    give_up(task_state_name(ended_->state) +
            (ended_->message.empty() ? "" : ": " + ended_->message));
  }

  void give_up(const std::string& why) {
    std::cerr << program << ": " << why << std::endl;
    exit_status_ = exit_unable;
  }

  void interrupt(int signal) {
    if (++interrupts_ > 1) exit_status_ = 128 + signal;
    driver_.kill_task(scheduler_.task(), std::nullopt);
    // Nothing may be launched yet: then there is nothing to wait for.
    if (!waiter_.joinable()) exit_status_ = 128 + signal;
  }

  // Whoever read our output has gone away, as `head` does.
  void lose_reader() { interrupt(SIGPIPE); }

  const SchedulerOptions identity_;
  Mailbox mailbox_;
  RunScheduler scheduler_;
  MesosSchedulerDriver driver_;
  std::vector<std::unique_ptr<SandboxReader>> readers_;
  std::thread waiter_;
  std::optional<TaskStatus> ended_;
  bool readers_done_ = false;
  bool output_complete_ = false;  // or nothing of it can be had any more
  int interrupts_ = 0;
  std::optional<int> exit_status_;
};

}  // namespace

int run_command(const RunOptions& options) {
  runtime::SignalWatch signals;
  auto task = make_task(options);
  if (!task) return fail(program, task.error(), config::exit_usage);
  Run run(options, std::move(*task));
  return run.serve(signals);
}

}  // namespace mesolite::daemon
