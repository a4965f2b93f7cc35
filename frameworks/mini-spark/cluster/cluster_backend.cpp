#include "frameworks/mini-spark/cluster/cluster_backend.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "frameworks/mini-spark/cluster/worker.hpp"
#include "frameworks/mini-spark/engine/driver_values.hpp"
#include "frameworks/mini-spark/ship/image.hpp"
#include "frameworks/mini-spark/ship/plan.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::spark {
namespace {

constexpr std::size_t plans_max = 64;    // that a worker keeps
constexpr std::uint32_t ahead_max = 32;  // tasks sent before a slot is free, if they are short
constexpr Duration short_task = 5ms;
constexpr Duration failover_timeout = 30s;

Duration steady_now() {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

std::string new_token() {
  Packer bits;
  for (int i = 0; i < 2; ++i) pack(bits, random_seed());
  std::string text;
  for (const char byte : bits.view()) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

// Of "zk://user:secret@a:1,b:2/path" the first server: who is near one is near all.
std::string some_host_of(const std::string& master) {
  if (!master.starts_with("zk://")) return master;
  const std::string list = master.substr(5, master.find('/', 5) - 5);
  const std::string hosts = list.substr(list.find('@') + 1);  // npos + 1 is 0
  return hosts.substr(0, hosts.find(','));
}

}  // namespace

// ---- beginning and end -------------------------------------------------------------------------

Result<std::unique_ptr<ClusterBackend>> ClusterBackend::start(DriverCore& core,
                                                              const Options& options) {
  const auto ip = ip_towards(some_host_of(options.master));
  if (!ip) return tl::unexpected(ip.error());
  auto listener = Listener::listen(*ip);
  if (!listener) return tl::unexpected(listener.error());
  const std::string address = *ip + ":" + std::to_string((*listener)->port());
  auto self = identity();
  if (!self) return tl::unexpected(self.error());
  auto program = ProgramServer::start(*ip);
  if (!program) return tl::unexpected(program.error());

  std::unique_ptr<ClusterBackend> backend(
      new ClusterBackend(core, options, std::move(*listener), address));
  backend->identity_ = std::move(*self);
  backend->program_ = std::move(*program);
  SchedulerOptions scheduler;
  scheduler.master = options.master;
  scheduler.framework.name = options.name;
  // A break of the network is no end of the application; a driver that dies takes its workers along
  // anyhow, since they end with their connections.
  scheduler.framework.failover_timeout = failover_timeout;
  Scheduler& callbacks = *backend;  // a private base: here it is accessible
  backend->driver_ = std::make_unique<MesosSchedulerDriver>(callbacks, std::move(scheduler));
  if (const Status started = backend->driver_->start(); !started) {
    return tl::unexpected(started.error());
  }
  backend->driver_->post_after(Duration{0}, [raw = backend.get()] { raw->tick(*raw->driver_); });
  backend->acceptor_ = std::thread([raw = backend.get()] { raw->accept_all(); });
  DriverValues::of_process().listen(backend.get(), [raw = backend.get()](std::uint64_t id) {
    raw->tell_all(ToWorkerKind::drop_value, id);
  });
  return backend;
}

ClusterBackend::ClusterBackend(DriverCore& core, const Options& options,
                               std::unique_ptr<Listener> listener, std::string address)
    : core_(core),
      options_(options),
      address_(std::move(address)),
      token_(new_token()),
      listener_(std::move(listener)) {}

ClusterBackend::~ClusterBackend() {
  DriverValues::of_process().forget(this);
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (auto& [number, executor] : executors_) say(*executor, ToWorkerKind::stop, 0);
  }
  listener_->close();
  if (acceptor_.joinable()) acceptor_.join();
  if (driver_) {
    driver_->stop();
    driver_->join();
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : connections_) {
      if (const auto connection = weak.lock()) connection->close();
    }
  }
  crew_.join();
}

// ---- what the core asks ------------------------------------------------------------------------

void ClusterBackend::wake() {
  Held held;
  const std::lock_guard lock(mutex_);
  for (auto& [number, executor] : executors_) feed(*executor, held);
  if (driver_ && suppressed_ && wanted() > executors_.size()) {
    suppressed_ = false;
    driver_->revive_offers();
  }
}

void ClusterBackend::kill(ExecutorNumber number, std::uint64_t serial) {
  const std::lock_guard lock(mutex_);
  const auto found = executors_.find(number);
  if (found != executors_.end()) say(*found->second, ToWorkerKind::kill, serial);
}

void ClusterBackend::forget_shuffle(std::uint64_t shuffle) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, executor] : executors_) {
    executor->told.erase(shuffle);
    say(*executor, ToWorkerKind::drop_shuffle, shuffle);
  }
}

void ClusterBackend::forget_cached(std::uint64_t rdd) {
  tell_all(ToWorkerKind::drop_cached, rdd);
}

void ClusterBackend::tell_all(ToWorkerKind kind, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, executor] : executors_) say(*executor, kind, id);
}

std::uint32_t ClusterBackend::slots() const {
  const std::lock_guard lock(mutex_);
  const auto known = static_cast<std::uint32_t>(executors_.size());
  return options_.cores * std::max(known, std::min(options_.executors_max, 2U));
}

std::string ClusterBackend::refusal(std::vector<PlannedStage>& stages) {
  for (PlannedStage& stage : stages) {
    auto bytes = encode_stage(stage.node);
    if (!bytes) return "stage of " + stage.plan.name + " cannot be sent: " + bytes.error().message;
    stage.bytes = std::make_shared<const std::string>(std::move(*bytes));
  }
  return {};
}

// ---- workers' connections ----------------------------------------------------------------------

void ClusterBackend::accept_all() {
  for (int descriptor = 0; (descriptor = listener_->accept()) >= 0;) {
    const auto connection = std::make_shared<Connection>(descriptor);
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
    connections_.push_back(connection);
    crew_.start([this, connection] { serve(connection); });
  }
}

std::shared_ptr<ClusterBackend::Executor> ClusterBackend::greet(
    const std::shared_ptr<Connection>& connection) {
  const auto frame = connection->receive_hello();
  if (!frame) return nullptr;
  const auto hello = decode<FromWorker>(frame->header);
  if (!hello || hello->kind != FromWorkerKind::hello || hello->token != token_) return nullptr;
  std::shared_ptr<Executor> executor;
  {
    const std::lock_guard lock(mutex_);
    const auto found = executors_.find(hello->id);
    if (found == executors_.end() || found->second->connection || ending_) return nullptr;
    executor = found->second;
  }
  if (hello->identity != identity_) {
    bury(hello->id,
         "it runs another build of the program (" + hello->identity + ", not " + identity_ + ")",
         false);
    return nullptr;
  }
  core_.add_executor(executor->number, executor->hostname + " (" + hello->host + ")");
  const std::lock_guard lock(mutex_);
  executor->connection = connection;
  executor->idle_since = steady_now();
  failures_in_row_ = 0;
  return executor;
}

void ClusterBackend::serve(const std::shared_ptr<Connection>& connection) {
  const auto executor = greet(connection);
  if (!executor) return connection->close();
  wake();
  while (auto frame = connection->receive()) {
    auto message = decode<FromWorker>(frame->header);
    if (!message) break;
    take(*executor, std::move(*message), std::move(frame->body));
  }
  disconnected(executor->number);
}

void ClusterBackend::take(Executor& executor, FromWorker message, std::string body) {
  if (message.kind == FromWorkerKind::fetch_value) return answer(*executor.connection, message);
  if (message.kind != FromWorkerKind::ended) return;
  message.outcome.result = Bytes(std::move(body));
  const Duration took{message.outcome.metrics.run_nanoseconds};
  core_.ended(message.id, std::move(message.outcome));
  Held held;
  const std::lock_guard lock(mutex_);
  if (executor.in_flight > 0) --executor.in_flight;
  executor.usual_time = (executor.usual_time * 7 + took) / 8;
  executor.idle_since = steady_now();
  feed(executor, held);
}

void ClusterBackend::answer(Connection& connection, const FromWorker& question) {
  ToWorker answer;
  answer.kind = ToWorkerKind::value;
  answer.id = question.request;
  std::string bytes;
  try {
    bytes = DriverValues::of_process().part(question.id, question.part);
  } catch (const TaskFailure& gone) {
    answer.problem = gone.what();
  }
  connection.send(encode(answer), bytes);
}

void ClusterBackend::say(Executor& executor, ToWorkerKind kind, std::uint64_t id,
                         std::string_view body) {
  if (!executor.connection) return;
  ToWorker message;
  message.kind = kind;
  message.id = id;
  executor.connection->send(encode(message), body);
}

// ---- tasks -------------------------------------------------------------------------------------

std::uint32_t ClusterBackend::in_flight_max(const Executor& executor) const {
  return options_.cores + (executor.usual_time < short_task ? ahead_max : 0);
}

void ClusterBackend::feed(Executor& executor, Held& held) {
  if (!executor.connection || executor.released || ending_) return;
  while (executor.in_flight < in_flight_max(executor)) {
    auto assignment = core_.next(executor.number);
    if (!assignment) return;
    send(executor, *assignment);
    ++executor.in_flight;
    held.push_back(std::move(*assignment));
  }
}

void ClusterBackend::send(Executor& executor, const Assignment& assignment) {
  const std::uint64_t node = assignment.launch.node;
  auto& plans = executor.plans;
  if (std::find(plans.begin(), plans.end(), node) == plans.end()) {
    say(executor, ToWorkerKind::plan, node, *assignment.bytes);
    plans.push_back(node);
    if (plans.size() > plans_max) {
      say(executor, ToWorkerKind::drop_plan, plans.front());
      plans.pop_front();
    }
  }
  for (const auto& [shuffle, outputs] : assignment.outputs) {
    if (std::exchange(executor.told[shuffle], outputs) == outputs) continue;
    Packer body;
    pack(body, *outputs);
    say(executor, ToWorkerKind::outputs, shuffle, body.view());
  }
  ToWorker launch;
  launch.kind = ToWorkerKind::launch;
  launch.id = node;
  launch.place = assignment.launch.place;
  executor.connection->send(encode(launch));
}

}  // namespace mesolite::spark
