#include "frameworks/mini-spark/cluster/worker.hpp"

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <stop_token>
#include <thread>
#include <utility>

#include "frameworks/mini-spark/cluster/connection.hpp"
#include "frameworks/mini-spark/cluster/messages.hpp"
#include "frameworks/mini-spark/engine/driver_values.hpp"
#include "frameworks/mini-spark/ship/image.hpp"
#include "frameworks/mini-spark/ship/plan.hpp"
#include "mesolite/data/block_server.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::spark {
namespace {

// What tasks ask the driver for. All members may be called from any thread.
class ValueMail {
 public:
  explicit ValueMail(Connection& driver) : driver_(driver) {}

  std::string fetch(std::uint64_t id, std::uint32_t part) {
    FromWorker message;
    message.kind = FromWorkerKind::fetch_value;
    message.id = id;
    message.part = part;
    std::unique_lock lock(mutex_);
    const std::uint64_t request = message.request = ++last_request_;
    driver_.send(encode(message));
    changed_.wait(lock, [&] { return ended_ || answers_.contains(request); });
    if (ended_) throw TaskFailure("the driver is gone");
    Answer answer = std::move(answers_.extract(request).mapped());
    if (!answer.problem.empty()) throw TaskFailure(answer.problem);
    return std::move(answer.bytes);
  }
  void deliver(std::uint64_t request, std::string bytes, std::string problem) {
    {
      const std::lock_guard lock(mutex_);
      answers_[request] = {std::move(bytes), std::move(problem)};
    }
    changed_.notify_all();
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
  }

 private:
  struct Answer {
    std::string bytes;
    std::string problem;
  };
  Connection& driver_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::uint64_t last_request_ = 0;
  std::map<std::uint64_t, Answer> answers_;  // that nobody has taken yet, by request
  bool ended_ = false;
};

// The main thread reads what the driver says; `slots` others run tasks.
class Worker {
 public:
  Worker(const WorkerOptions& options, Connection& driver, EnvironmentOptions environment)
      : driver_(driver), mail_(driver), environment_(std::move(environment)) {
    DriverValues::of_process().set_fetch(
        [this](std::uint64_t id, std::uint32_t part) { return mail_.fetch(id, part); });
    for (std::uint32_t i = 0; i < options.slots; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
  }
  ~Worker() {
    mail_.end();
    for (std::jthread& thread : threads_) thread.request_stop();
    const std::lock_guard lock(mutex_);
    for (auto& [serial, source] : stops_) source.request_stop();
  }

  // Whether the driver said stop, rather than being gone.
  bool serve() {
    while (auto frame = driver_.receive()) {
      const auto message = decode<ToWorker>(frame->header);
      if (!message) return false;
      if (message->kind == ToWorkerKind::stop) return true;
      take(*message, std::move(frame->body));
    }
    return false;
  }

 private:
  struct Launch {
    TaskPlace place;
    Result<std::shared_ptr<Node>> node;
    std::stop_token stop;
  };

  void take(const ToWorker& message, std::string body) {
    switch (message.kind) {
      case ToWorkerKind::plan:
        plans_.insert_or_assign(message.id, decode_stage(body));
        break;
      case ToWorkerKind::outputs:
        environment_.outputs.set(
            message.id, std::make_shared<const ShuffleOutputs>(unpacked<ShuffleOutputs>(body)));
        break;
      case ToWorkerKind::launch:
        launch(message);
        break;
      case ToWorkerKind::kill:
        kill(message.id);
        break;
      case ToWorkerKind::drop_plan:
        plans_.erase(message.id);
        break;
      case ToWorkerKind::drop_shuffle:
        environment_.outputs.drop(message.id);
        environment_.shuffles.drop(message.id);
        break;
      case ToWorkerKind::drop_cached:
        environment_.cache.drop(message.id);
        break;
      case ToWorkerKind::drop_value:
        DriverValues::of_process().drop(message.id);
        break;
      case ToWorkerKind::value:
        mail_.deliver(message.id, std::move(body), message.problem);
        break;
      default:
        break;
    }
  }

  void launch(const ToWorker& message) {
    const auto plan = plans_.find(message.id);
    {
      const std::lock_guard lock(mutex_);
      Launch launch{message.place, failure("the worker does not know the stage"),
                    stops_[message.place.serial].get_token()};
      if (plan != plans_.end()) launch.node = plan->second;
      queue_.push_back(std::move(launch));
    }
    changed_.notify_one();
  }

  void kill(std::uint64_t serial) {
    const std::lock_guard lock(mutex_);
    const auto found = stops_.find(serial);
    if (found != stops_.end()) found->second.request_stop();
  }

  void work(const std::stop_token& stop) {
    while (true) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      const Launch launch = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      report(launch.place.serial, run(launch));
      lock.lock();
      stops_.erase(launch.place.serial);
    }
  }

  TaskOutcome run(const Launch& launch) {
    TaskOutcome outcome;
    if (launch.node) return run_task(environment_, **launch.node, launch.place, launch.stop);
    outcome.end = TaskEnd::failed;
    outcome.reason = launch.node.error().message;
    return outcome;
  }

  void report(std::uint64_t serial, TaskOutcome outcome) {
    FromWorker message;
    message.kind = FromWorkerKind::ended;
    message.id = serial;
    const Bytes result = std::exchange(outcome.result, {});
    message.outcome = std::move(outcome);
    driver_.send(encode(message), result.view());
  }

  Connection& driver_;
  ValueMail mail_;
  Environment environment_;
  std::map<std::uint64_t, Result<std::shared_ptr<Node>>> plans_;  // [main thread]
  std::mutex mutex_;  // guards the queue and the stop sources; held for moments only
  std::condition_variable_any changed_;
  std::deque<Launch> queue_;
  std::map<std::uint64_t, std::stop_source> stops_;
  std::vector<std::jthread> threads_;  // last: they use all above
};

int complain(const Error& error) {
  std::fprintf(stderr, "mini-spark worker: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

std::string to_text(const WorkerOptions& options) {
  return options.driver + " " + std::to_string(options.executor) + " " + options.token + " " +
         std::to_string(options.slots) + " " + std::to_string(options.memory);
}

Result<WorkerOptions> parse_worker_options(const std::string& text) {
  std::istringstream in(text);
  WorkerOptions options;
  in >> options.driver >> options.executor >> options.token >> options.slots >> options.memory;
  if (in && options.slots > 0) return options;
  return failure("the options of a worker, '" + text + "', cannot be read");
}

int run_worker(const WorkerOptions& options) {
  const auto self = identity();
  if (!self) return complain(self.error());
  auto scratch =
      data::ScratchDirectory::create(std::filesystem::current_path().string(), "mini-spark-");
  if (!scratch) return complain(scratch.error());
  auto driver = Connection::connect(options.driver);
  if (!driver) return complain(driver.error());
  const std::string ip = (*driver)->own_ip();
  auto blocks = data::BlockServer::start({.ip = ip, .token = options.token});
  if (!blocks) return complain(blocks.error());

  EnvironmentOptions environment;
  environment.scratch = scratch->path();
  environment.memory = options.memory;
  environment.slots = options.slots;
  environment.blocks = blocks->get();
  environment.host = ip + ":" + std::to_string((*blocks)->port());
  environment.token = options.token;
  FromWorker hello;
  hello.kind = FromWorkerKind::hello;
  hello.id = options.executor;
  hello.token = options.token;
  hello.identity = *self;
  hello.host = environment.host;
  (*driver)->send(encode(hello));
  Worker worker(options, **driver, std::move(environment));
  return worker.serve() ? 0 : 1;
}

}  // namespace mesolite::spark
