#include "queues.hpp"

#include <algorithm>
#include <sstream>

#include "mesolite/base/resources.hpp"

namespace mesolite::capacity {
namespace {

constexpr double all = 100;     // percent
constexpr double slack = 1e-6;  // of sums of thirds

std::string_view parent_of(std::string_view queue) {
  const std::size_t slash = queue.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : queue.substr(0, slash);
}

std::string number(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

// Why a table cannot be used, or "" if it can.
template <class Value>
std::string invalid_names(const std::string& table, const std::map<std::string, Value>& queues) {
  for (const auto& [queue, value] : queues) {
    const std::string problem = invalid_role(queue);
    if (!problem.empty()) return table + ": queue '" + queue + "' " + problem;
  }
  return "";
}

std::string invalid_percents(const std::string& table, const std::map<std::string, double>& parts) {
  for (const auto& [queue, percent] : parts) {
    if (percent >= 0 && percent <= all) continue;
    return table + ": queue '" + queue + "' has " + number(percent) + ", which is not 0 to 100";
  }
  return "";
}

double value_or(const std::map<std::string, double>& parts, std::string_view queue, double other) {
  const auto place = parts.find(std::string(queue));
  return place == parts.end() ? other : place->second;
}

// Why the parameters cannot be used, or "" if they can.
std::string invalid(const Parameters& parameters) {
  for (const std::string& problem : {invalid_names("capacity", parameters.capacity),
                                     invalid_names("maximum", parameters.maximum),
                                     invalid_names("priority", parameters.priority),
                                     invalid_percents("capacity", parameters.capacity),
                                     invalid_percents("maximum", parameters.maximum)}) {
    if (!problem.empty()) return problem;
  }
  for (const auto& [queue, maximum] : parameters.maximum) {
    const double share = value_or(parameters.capacity, queue, 0);
    if (maximum >= share) continue;
    return "maximum: queue '" + queue + "' has " + number(maximum) +
           ", less than its capacity of " + number(share);
  }
  if (parameters.ordering != "fifo" && parameters.ordering != "fair") {
    return "ordering is '" + parameters.ordering + "' and should be 'fifo' or 'fair'";
  }
  return "";
}

}  // namespace

Result<Queues> Queues::create(const Parameters& parameters) {
  const std::string problem = invalid(parameters);
  if (!problem.empty()) return failure(problem);
  Queues queues;
  queues.parameters_ = parameters;
  for (const auto& [queue, percent] : parameters.capacity) {
    double& sum = queues.children_[std::string(parent_of(queue))];
    sum += percent;
    if (sum <= all + slack) continue;
    const std::string_view parent = parent_of(queue);
    return failure("capacity: the queues directly in " +
                   (parent.empty() ? "the cluster" : "'" + std::string(parent) + "'") +
                   " together have " + number(sum) + ", which is more than 100");
  }
  return queues;
}

double Queues::share(std::string_view queue) const {
  if (queue.empty()) return 1;
  return share(parent_of(queue)) * value_or(parameters_.capacity, queue, 0) / all;
}

double Queues::maximum(std::string_view queue) const {
  if (queue.empty()) return 1;
  return maximum(parent_of(queue)) * value_or(parameters_.maximum, queue, all) / all;
}

double Queues::share_left(std::string_view queue) const {
  const auto taken = children_.find(queue);
  const double left = taken == children_.end() ? all : std::max(0.0, all - taken->second);
  return share(queue) * left / all;
}

std::int64_t Queues::priority(std::string_view queue) const {
  const auto place = parameters_.priority.find(std::string(queue));
  return place == parameters_.priority.end() ? 0 : place->second;
}

}  // namespace mesolite::capacity
