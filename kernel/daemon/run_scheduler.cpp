#include "kernel/daemon/run_scheduler.hpp"

#include <utility>

#include "mesolite/base/reservations.hpp"

namespace mesolite::daemon {
namespace {

constexpr Duration patience = 5s;

}  // namespace

RunScheduler::RunScheduler(TaskInfo task, Observer observer)
    : task_(std::move(task)), observer_(std::move(observer)) {}

void RunScheduler::registered(SchedulerDriver& driver, const FrameworkId& id, const MasterInfo&) {
  framework_ = id;
  driver.post_after(patience, [this] {
    if (launched_) return;
    observer_.notice("waiting for an offer of " + task_.resources.to_text() + " (" +
                     std::to_string(offers_seen_) + " smaller ones so far)");
  });
}

void RunScheduler::resource_offers(SchedulerDriver& driver, const std::vector<Offer>& offers) {
  std::vector<OfferId> unused;
  for (const Offer& offer : offers) {
    ++offers_seen_;
    const auto part = launched_ ? std::nullopt : pick(offer.resources, task_.resources);
    if (!part) {
      unused.push_back(offer.id);
      continue;
    }
    launched_ = true;
    task_.resources = *part;
    agent_bus_ = offer.agent_bus;
    task_.agent_id = offer.agent_id;
    driver.launch_tasks({offer.id}, {task_});
  }
  if (!unused.empty()) driver.decline_offers(std::move(unused));
  if (launched_) driver.suppress_offers();
}

void RunScheduler::status_update(SchedulerDriver& driver, const TaskStatus& update) {
  const bool of_agent = update.source != UpdateSource::master;
  if (of_agent && !begun_) {
    begun_ = true;
    observer_.begun({agent_bus_, framework_});
  }
  if (!is_terminal(update.state)) return driver.acknowledge(update);
  if (std::exchange(ended_, true)) return;  // sent again since it is not acknowledged yet
  observer_.ended(update);
}

void RunScheduler::error(SchedulerDriver&, const std::string& message) {
  observer_.failed(message);
}

}  // namespace mesolite::daemon
