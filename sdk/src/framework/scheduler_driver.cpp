#include <utility>

#include "mesolite/framework/driver.hpp"
#include "sdk/detection/detector.hpp"
#include "sdk/src/framework/driver_shell.hpp"
#include "sdk/src/framework/scheduler_session.hpp"

namespace mesolite {
namespace {

constexpr Duration flush_timeout = 2s;

Status check(const SchedulerOptions& options) {
  if (options.framework.name.empty()) return failure("the framework has no name");
  const Status known = detection::check_master(options.master);
  return known ? known : failure("master", known.error());
}

}  // namespace

class MesosSchedulerDriver::Implementation final
    : public DriverShell<MesosSchedulerDriver::Implementation, SchedulerSession> {
 public:
  Implementation(MesosSchedulerDriver& driver, Scheduler& scheduler, SchedulerOptions options)
      : DriverShell(flush_timeout),
        driver_(driver),
        scheduler_(scheduler),
        options_(std::move(options)) {}

  ~Implementation() override {
    act([](SchedulerSession& session, Time) { session.stop(true); });
    finish();
  }

  Status start() {
    const Status usable = check(options_);
    if (!usable) return usable;
    auto authentication = make_client_authentication(options_);
    if (!authentication) return tl::unexpected(authentication.error());
    authentication_ = std::move(*authentication);
    auto keys = client_keys(options_);
    if (!keys) return tl::unexpected(keys.error());
    client_.secure(std::move(*keys));
    auto detector = detection::make_detector(options_.master, random_seed());
    if (!detector) return failure("master", detector.error());
    detector_ = std::move(*detector);
    session_.emplace(options_, *authentication_, random_seed());
    session_->start();
    start_thread();
    return {};
  }

  void report(const Error& error) {
    call_foreign([&] { scheduler_.error(driver_, error.message); });
  }

  void accept(std::vector<OfferId> offers, std::vector<Operation> operations, Filters filters) {
    act([offers = std::move(offers), operations = std::move(operations), filters](
            SchedulerSession& session, Time now) mutable {
      session.accept(now, std::move(offers), std::move(operations), filters);
    });
  }

 private:
  friend DriverShell;
  using DriverShell::apply;

  // ---- outputs
  // -----------------------------------------------------------------------------------

  void apply(const Locate&) {
    if (std::exchange(detecting_, true)) return detector_->look_again();
    detector_->detect([this](const std::optional<MasterInfo>& leader) {
      if (leader) thread_.post([this, bus = leader->bus] { follow(bus); });
    });
  }

  // Another leader than the one that we hold on to is a better one.
  void follow(const std::string& bus) {
    if (session_->phase() != SchedulerPhase::locating && bus != followed_) {
      session_->disconnected(now());
    }
    session_->located(now(), bus);
  }

  void apply(const Connect& target) {
    followed_ = target.endpoint;
    // What the master calls its endpoint and is none will be another one at the next look.
    const Status begun = client_.connect(target.endpoint);
    if (!begun) session_->disconnected(now());
  }

  void apply(const CloseLink&) { client_.close(); }
  void apply(const FollowEpoch& follow) { client_.set_epoch(follow.epoch); }
  void apply(const Send& send) {
    const Status sent = client_.send(send.message);
    if (!sent) session_->not_sent(now(), send.message, sent.error());
  }

  void apply(SchedulerCallback& callback) {
    const bool ended = session_->phase() == SchedulerPhase::ended;
    if (ended && !std::holds_alternative<Failed>(callback)) return;
    std::visit([this](auto& value) { call([&] { tell(value); }); }, callback);
    if (const auto* updates = std::get_if<Updates>(&callback)) session_->delivered(*updates);
  }

  // ---- callbacks
  // ---------------------------------------------------------------------------------

  void tell(const Registered& event) {
    scheduler_.registered(driver_, event.framework_id, event.master);
  }
  void tell(const Reregistered& event) { scheduler_.reregistered(driver_, event.master); }
  void tell(const Disconnected&) { scheduler_.disconnected(driver_); }
  void tell(const Offers& event) { scheduler_.resource_offers(driver_, event.offers); }
  void tell(const RescindOffers& event) {
    for (const OfferId& offer : event.offers) {
      scheduler_.offer_rescinded(driver_, offer, event.reason);
    }
  }
  void tell(const Updates& event) { scheduler_.status_updates(driver_, event.updates); }
  void tell(const MessageFromExecutor& event) {
    scheduler_.framework_message(driver_, event.agent_id, event.executor_id, event.data.view());
  }
  void tell(const AgentLost& event) {
    scheduler_.agent_lost(driver_, event.agent_id, event.reason);
  }
  void tell(const ExecutorLost& event) {
    scheduler_.executor_lost(driver_, event.agent_id, event.executor_id, event.exit_status,
                             event.reason);
  }
  void tell(const RequestRefused& event) {
    scheduler_.request_refused(driver_, event.request, event.problem);
  }
  void tell(const Failed& event) { scheduler_.error(driver_, event.message); }

  MesosSchedulerDriver& driver_;
  Scheduler& scheduler_;
  const SchedulerOptions options_;
  std::unique_ptr<ClientAuthentication> authentication_;
  std::string followed_;  // bus of the leader
  bool detecting_ = false;
  std::unique_ptr<detection::Detector> detector_;  // last: its thread posts to ours
};

MesosSchedulerDriver::MesosSchedulerDriver(Scheduler& scheduler, SchedulerOptions options)
    : implementation_(std::make_unique<Implementation>(*this, scheduler, std::move(options))) {}

MesosSchedulerDriver::~MesosSchedulerDriver() = default;

Status MesosSchedulerDriver::start() {
  return implementation_->start();
}

DriverStatus MesosSchedulerDriver::join() {
  return implementation_->thread().join();
}

DriverStatus MesosSchedulerDriver::run() {
  const Status started = start();
  if (started) return join();
  implementation_->report(started.error());
  return DriverStatus::aborted;
}

void MesosSchedulerDriver::launch_tasks(std::vector<OfferId> offers, std::vector<TaskInfo> tasks,
                                        Filters filters) {
  std::vector<Operation> operations;
  operations.push_back(Operation::launch(std::move(tasks)));
  implementation_->accept(std::move(offers), std::move(operations), filters);
}

void MesosSchedulerDriver::accept_offers(std::vector<OfferId> offers,
                                         std::vector<Operation> operations, Filters filters) {
  implementation_->accept(std::move(offers), std::move(operations), filters);
}

void MesosSchedulerDriver::decline_offers(std::vector<OfferId> offers, Filters filters) {
  implementation_->act(
      [offers = std::move(offers), filters](SchedulerSession& session, Time) mutable {
        session.decline(std::move(offers), filters);
      });
}

void MesosSchedulerDriver::revive_offers(std::vector<std::string> roles) {
  implementation_->act([roles = std::move(roles)](SchedulerSession& session, Time) mutable {
    session.revive(std::move(roles));
  });
}

void MesosSchedulerDriver::suppress_offers(std::vector<std::string> roles) {
  implementation_->act([roles = std::move(roles)](SchedulerSession& session, Time) mutable {
    session.suppress(std::move(roles));
  });
}

void MesosSchedulerDriver::kill_task(const TaskId& task, std::optional<KillPolicy> policy) {
  implementation_->act(
      [task, policy](SchedulerSession& session, Time) { session.kill(task, policy); });
}

void MesosSchedulerDriver::acknowledge(const TaskStatus& update) {
  implementation_->act([update](SchedulerSession& session, Time) { session.acknowledge(update); });
}

void MesosSchedulerDriver::reconcile_tasks(std::vector<TaskReference> tasks) {
  implementation_->act([tasks = std::move(tasks)](SchedulerSession& session, Time) mutable {
    session.reconcile(std::move(tasks));
  });
}

void MesosSchedulerDriver::send_framework_message(const AgentId& agent, const ExecutorId& executor,
                                                  std::string data) {
  implementation_->act(
      [agent, executor, data = std::move(data)](SchedulerSession& session, Time) mutable {
        session.send_message(agent, executor, std::move(data));
      });
}

void MesosSchedulerDriver::shutdown_executor(const AgentId& agent, const ExecutorId& executor) {
  implementation_->act([agent, executor](SchedulerSession& session, Time) {
    session.shutdown_executor(agent, executor);
  });
}

void MesosSchedulerDriver::post(std::function<void()> work) {
  implementation_->thread().post(implementation_->guarded(std::move(work)));
}

void MesosSchedulerDriver::post_after(Duration delay, std::function<void()> work) {
  implementation_->thread().post_after(delay, implementation_->guarded(std::move(work)));
}

void MesosSchedulerDriver::stop(bool failover) {
  implementation_->act([failover](SchedulerSession& session, Time) { session.stop(failover); });
}

void MesosSchedulerDriver::abort() {
  implementation_->act([](SchedulerSession& session, Time) { session.abort(); });
}

}  // namespace mesolite
