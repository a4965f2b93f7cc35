#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <stdexcept>

#include "kernel/container/descriptor.hpp"
#include "tests/bench/agent/parts.hpp"

namespace mesolite::bench {
namespace {

SchedulerOptions options_of(const std::string& master) {
  SchedulerOptions options;
  options.master = master;
  options.framework.name = "crowd";
  options.framework.user = "root";
  return options;
}

}  // namespace

// Directories made in this one begin in parts of the file system of their own (chattr +T): next to
// files that somebody has removed within the last seconds ext4 searches long for each new one.
Stage::Stage() {
  const container::Descriptor directory(
      ::open(files_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int flags = 0;
  if (::ioctl(directory.get(), FS_IOC_GETFLAGS, &flags) != 0) return;  // not such a file system
  flags |= FS_TOPDIR_FL;
  ::ioctl(directory.get(), FS_IOC_SETFLAGS, &flags);
}

harness::ClusterOptions Stage::cluster(const std::string& isolation) {
  harness::ClusterOptions options;
  options.resources = "cpus:100000;mem:10000000;disk:100;ports:[]";
  options.agent_flags = {"--isolation=" + isolation,
                         "--cgroups_root=" + precedence_.cgroups_root()};
  // The part goes by the name: that of an earlier run would have been removed just now.
  const std::string name = files_.path().filename();
  options.directory = files_ / (name + "-" + std::to_string(++clusters_));
  std::filesystem::create_directory(options.directory);
  return options;
}

Crowd::Crowd(const std::string& master, std::string command)
    : command_(std::move(command)), each_(Resources::parse("cpus:0.1;mem:32").value()) {
  driver_ = std::make_unique<MesosSchedulerDriver>(*this, options_of(master));
  if (auto started = driver_->start(); !started) throw std::runtime_error(started.error().message);
}

Crowd::~Crowd() {
  driver_->stop(false);
  driver_->join();
}

void Crowd::resource_offers(SchedulerDriver&, const std::vector<Offer>& offers) {
  for (const Offer& offer : offers) {
    offers_.push_back(offer.id);
    agent_ = offer.agent_id;
  }
  launch_some();
}

// On all that is offered: with one agent there is room for everything in what it has left.
void Crowd::launch_some() {
  if (wanted_ == 0 || offers_.empty()) return;
  std::vector<TaskInfo> tasks(wanted_);
  for (TaskInfo& task : tasks) {
    task.id = TaskId("t" + std::to_string(launched_++));
    task.agent_id = agent_;
    task.resources = each_;
    task.command.emplace();
    task.command->shell = false;
    task.command->value = command_.substr(0, command_.find(' '));
    for (const auto word : split(command_, ' ')) task.command->arguments.emplace_back(word);
  }
  begun_ = watch_.elapsed();
  for (const TaskInfo& task : tasks) running_[task.id] = begun_;
  wanted_ = 0;
  driver_->launch_tasks(std::exchange(offers_, {}), std::move(tasks), {0s});
}

void Crowd::take(const TaskStatus& update) {
  const Duration now = watch_.elapsed();
  const auto task = running_.find(update.task_id);
  if (task == running_.end()) return;
  if (update.state == TaskState::running) to_running_.push_back(now - task->second);
  const bool over = is_terminal(update.state);
  const bool hit = update.state == awaited_;
  if (over) running_.erase(task);
  if (over && !hit) return fail(task_state_name(update.state) + ": " + update.message);
  if (hit && --waited_ == 0) done_.set_value(now - begun_);
}

void Crowd::status_updates(SchedulerDriver&, const std::vector<TaskStatus>& updates) {
  for (const TaskStatus& update : updates) take(update);
}

void Crowd::error(SchedulerDriver&, const std::string& message) {
  fail(message);
}

// Only the first reason is told.
void Crowd::fail(const std::string& why) {
  if (waited_ == 0) return;
  waited_ = 0;
  done_.set_exception(std::make_exception_ptr(std::runtime_error(why)));
}

Duration Crowd::wait() {
  auto future = done_.get_future();
  if (future.wait_for(20 * harness::patience) != std::future_status::ready) {
    throw std::runtime_error("tasks got lost");
  }
  const Duration taken = future.get();
  done_ = {};
  return taken;
}

Duration Crowd::launch(std::size_t count, TaskState state) {
  driver_->post([this, count, state] {
    wanted_ = waited_ = count;
    awaited_ = state;
    launch_some();
  });
  return wait();
}

Duration Crowd::kill_all() {
  driver_->post([this] {
    awaited_ = TaskState::killed;
    waited_ = running_.size();
    begun_ = watch_.elapsed();
    for (const auto& [task, since] : running_) driver_->kill_task(task);
  });
  return wait();
}

}  // namespace mesolite::bench
