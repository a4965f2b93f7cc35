#include <cstdlib>
#include <utility>

#include "mesolite/framework/driver.hpp"
#include "sdk/src/framework/driver_shell.hpp"
#include "sdk/src/framework/executor_session.hpp"

namespace mesolite {
namespace {

constexpr Duration flush_timeout = 1s;

Result<std::string> from_environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT: read before there are threads
  if (value != nullptr && *value != '\0') return value;
  return failure(std::string(name) + " is not set: an executor is started by an agent");
}

Result<ExecutorSettings> read_environment() {
  const auto framework = from_environment("MESOS_FRAMEWORK_ID");
  if (!framework) return tl::unexpected(framework.error());
  const auto executor = from_environment("MESOS_EXECUTOR_ID");
  if (!executor) return tl::unexpected(executor.error());
  const auto endpoint = from_environment("MESOS_AGENT_ENDPOINT");
  if (!endpoint) return tl::unexpected(endpoint.error());

  ExecutorSettings settings;
  settings.framework_id = FrameworkId(*framework);
  settings.executor_id = ExecutorId(*executor);
  settings.endpoint = *endpoint;
  settings.token = from_environment("MESOS_EXECUTOR_AUTHENTICATION_TOKEN").value_or("");
  if (const auto text = from_environment("MESOS_RECOVERY_TIMEOUT")) {
    const auto timeout = parse_duration(*text);
    if (!timeout) return failure("MESOS_RECOVERY_TIMEOUT", timeout.error());
    settings.recovery_timeout = *timeout;
  }
  return settings;
}

}  // namespace

class MesosExecutorDriver::Implementation final
    : public DriverShell<MesosExecutorDriver::Implementation, ExecutorSession> {
 public:
  Implementation(MesosExecutorDriver& driver, Executor& executor)
      : DriverShell(flush_timeout), driver_(driver), executor_(executor) {}

  ~Implementation() override {
    act([](ExecutorSession& session, Time) { session.abort(); });
    finish();
  }

  Status start() {
    auto settings = read_environment();
    if (!settings) return tl::unexpected(settings.error());
    session_.emplace(std::move(*settings), random_seed());
    session_->start(now());
    start_thread();
    return {};
  }

  void report(const Error& error) {
    call_foreign([&] { executor_.error(driver_, error.message); });
  }

 private:
  friend DriverShell;
  using DriverShell::apply;

  // ---- outputs
  // -----------------------------------------------------------------------------------

  void apply(const Connect& target) {
    const Status begun = client_.connect(target.endpoint);
    if (begun) return;
    session_->abort();
    report({"MESOS_AGENT_ENDPOINT: " + begun.error().message});
  }

  void apply(const Send& send) { std::ignore = client_.send(send.message); }

  void apply(ExecutorCallback& callback) {
    if (session_->silenced()) return;
    std::visit([this](auto& value) { call([&] { tell(value); }); }, callback);
  }

  // ---- callbacks
  // ---------------------------------------------------------------------------------

  void tell(const ExecutorRegistered& event) {
    executor_.registered(driver_, event.executor, event.framework, event.agent);
  }
  void tell(const AgentReturned& event) { executor_.reregistered(driver_, event.agent); }
  void tell(const Disconnected&) { executor_.disconnected(driver_); }
  void tell(const TaskArrived& event) { executor_.launch_task(driver_, event.task); }
  void tell(const TaskToKill& event) { executor_.kill_task(driver_, event.task_id, event.policy); }
  void tell(const ExecutorData& event) { executor_.framework_message(driver_, event.data.view()); }
  void tell(const ExecutorShutdown&) { executor_.shutdown(driver_); }
  void tell(const Failed& event) { executor_.error(driver_, event.message); }

  MesosExecutorDriver& driver_;
  Executor& executor_;
};

MesosExecutorDriver::MesosExecutorDriver(Executor& executor)
    : implementation_(std::make_unique<Implementation>(*this, executor)) {}

MesosExecutorDriver::~MesosExecutorDriver() = default;

Status MesosExecutorDriver::start() {
  return implementation_->start();
}

DriverStatus MesosExecutorDriver::join() {
  return implementation_->thread().join();
}

DriverStatus MesosExecutorDriver::run() {
  const Status started = start();
  if (started) return join();
  implementation_->report(started.error());
  return DriverStatus::aborted;
}

void MesosExecutorDriver::send_status_update(TaskStatus status) {
  implementation_->act([status = std::move(status)](ExecutorSession& session, Time now) mutable {
    session.update(now, std::move(status));
  });
}

void MesosExecutorDriver::send_framework_message(std::string data) {
  implementation_->act([data = std::move(data)](ExecutorSession& session, Time) mutable {
    session.send_message(std::move(data));
  });
}

void MesosExecutorDriver::post(std::function<void()> work) {
  implementation_->thread().post(implementation_->guarded(std::move(work)));
}

void MesosExecutorDriver::post_after(Duration delay, std::function<void()> work) {
  implementation_->thread().post_after(delay, implementation_->guarded(std::move(work)));
}

void MesosExecutorDriver::stop() {
  implementation_->act([](ExecutorSession& session, Time now) { session.stop(now); });
}

void MesosExecutorDriver::abort() {
  implementation_->act([](ExecutorSession& session, Time) { session.abort(); });
}

}  // namespace mesolite
