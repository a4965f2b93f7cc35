#include "sdk/detection/leader_watch.hpp"

#include <utility>

namespace mesolite::detection {
namespace {

// While there is no candidate, and perhaps not even the node of the election.
constexpr Duration look_interval = 250ms;

}  // namespace

LeaderWatch::LeaderWatch(std::string path) : path_(std::move(path)) {}

void LeaderWatch::look_again(Time now) {
  tell_again_ = true;
  if (!is_connected()) {
    if (leader_) found(leader_);
    return;
  }
  doubt(now);
  go_on(now);
}

std::optional<LeaderWatch::News> LeaderWatch::take_news() {
  return std::exchange(news_, std::nullopt);
}

std::optional<Request> LeaderWatch::next_request(Time) {
  if (!listed_) return Request{Request::Kind::list, path_, "", false};
  if (first_.empty() || looked_) return std::nullopt;
  return Request{Request::Kind::look, path_ + "/" + first_, "", true};
}

void LeaderWatch::hear(Time now, const Request& request, const Answer& answer) {
  if (request.kind == Request::Kind::list) return hear_list(now, answer);
  if (answer.kind == AnswerKind::absent) {
    listed_ = false;  // it went between the two questions
    return;
  }
  looked_ = true;
  found(Leader{answer.data, answer.created});
}

void LeaderWatch::hear_list(Time now, const Answer& answer) {
  const auto candidates = candidates_among(answer.children);
  first_ = candidates.empty() ? "" : candidates.front();
  listed_ = !first_.empty();
  looked_ = false;
  if (listed_) return;
  found(std::nullopt);
  pause_until(now + look_interval);
}

void LeaderWatch::doubt(Time) {
  listed_ = false;
}

// The leader that was known may lead on: it has a session of its own.
void LeaderWatch::forget(Time now) {
  doubt(now);
}

void LeaderWatch::found(std::optional<Leader> leader) {
  const bool same = known_ && leader == leader_;
  if (same && !(tell_again_ && leader)) return;
  known_ = true;
  leader_ = leader;
  if (leader) tell_again_ = false;
  news_ = News{std::move(leader)};
}

}  // namespace mesolite::detection
