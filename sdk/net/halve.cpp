#include "sdk/net/halve.hpp"

#include <iterator>
#include <utility>
#include <vector>

namespace mesolite::net {
namespace {

// Moves the second half of `items` to `rest`; false if there is none.
template <class Item>
bool halve_list(std::vector<Item>& items, std::vector<Item>& rest) {
  if (items.size() < 2) return false;
  const auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
  rest.assign(std::make_move_iterator(middle), std::make_move_iterator(items.end()));
  items.erase(middle, items.end());
  return true;
}

// What stands beside the list holds for both halves.
template <class Kind, class Item>
std::optional<Message> halve_by(Kind& message, std::vector<Item> Kind::*list) {
  std::vector<Item> rest;
  if (!halve_list(message.*list, rest)) return std::nullopt;
  std::vector<Item> kept = std::exchange(message.*list, {});
  Kind second = message;
  message.*list = std::move(kept);
  second.*list = std::move(rest);
  return second;
}

template <class Kind>
std::optional<Message> halve_kind(Kind&) {
  return std::nullopt;
}

std::optional<Message> halve_kind(Decline& message) {
  return halve_by(message, &Decline::offers);
}
std::optional<Message> halve_kind(Acknowledge& message) {
  return halve_by(message, &Acknowledge::updates);
}
std::optional<Message> halve_kind(Reconcile& message) {
  return halve_by(message, &Reconcile::tasks);
}
std::optional<Message> halve_kind(Offers& message) {
  return halve_by(message, &Offers::offers);
}
std::optional<Message> halve_kind(RescindOffers& message) {
  return halve_by(message, &RescindOffers::offers);
}
std::optional<Message> halve_kind(Updates& message) {
  return halve_by(message, &Updates::updates);
}
std::optional<Message> halve_kind(AgentUpdates& message) {
  return halve_by(message, &AgentUpdates::updates);
}
std::optional<Message> halve_kind(AcknowledgeUpdates& message) {
  return halve_by(message, &AcknowledgeUpdates::updates);
}
std::optional<Message> halve_kind(ExecutorUpdates& message) {
  return halve_by(message, &ExecutorUpdates::updates);
}
std::optional<Message> halve_kind(ExecutorAcknowledgements& message) {
  return halve_by(message, &ExecutorAcknowledgements::updates);
}
std::optional<Message> halve_kind(LaunchTasks& message) {
  return halve_by(message, &LaunchTasks::tasks);
}

// A group lives and dies together, and so it travels. Executors are described before the tasks that
// need them.
std::optional<Message> halve_kind(RunTasks& message) {
  if (message.group) return std::nullopt;
  std::vector<ExecutorLaunch> executors = std::exchange(message.executors, {});
  auto second = halve_by(message, &RunTasks::tasks);
  message.executors = std::move(executors);
  return second;
}

std::optional<Message> halve_kind(RegisterAgent& message) {
  RegisterAgent second;
  second.agent = message.agent;
  second.more = message.more;
  const bool halved = halve_list(message.tasks, second.tasks) ||
                      halve_list(message.executors, second.executors) ||
                      halve_list(message.frameworks, second.frameworks);
  if (!halved) return std::nullopt;
  message.more = true;
  return second;
}

}  // namespace

std::optional<Message> halve(Message& message) {
  return std::visit([](auto& kind) { return halve_kind(kind); }, static_cast<AnyMessage&>(message));
}

}  // namespace mesolite::net
