#include "sdk/detection/participant.hpp"

#include <algorithm>

namespace mesolite::detection {
namespace {

// Before a request that failed is made again.
constexpr Duration pause_after_failure = 1s;
constexpr Duration pause_after_loss = 50ms;

}  // namespace

void Participant::connected(Time now, const Session& session) {
  session_ = session;
  connected_ = true;
  pause_until_.reset();
  doubt(now);  // changes that came while there was no connection were not told
  go_on(now);
}

void Participant::suspended() {
  connected_ = false;
  wanted_.reset();
}

void Participant::expired(Time now) {
  suspended();
  under_way_.reset();
  pause_until_.reset();
  forget(now);
}

void Participant::changed(Time now) {
  doubt(now);
  go_on(now);
}

void Participant::answered(Time now, const Answer& answer) {
  if (!under_way_) return;
  const Request request = std::move(*under_way_);
  under_way_.reset();
  if (answer.kind == AnswerKind::lost) {
    doubt(now);
    pause_until_ = now + pause_after_loss;
  } else if (answer.kind == AnswerKind::refused || answer.kind == AnswerKind::failed) {
    problem_ = request.path + ": " + answer.problem;
    doubt(now);
    pause_until_ = now + pause_after_failure;
  } else {
    problem_.clear();
    hear(now, request, answer);
  }
  go_on(now);
}

void Participant::advance(Time now) {
  tick(now);
  go_on(now);
}

void Participant::go_on(Time now) {
  if (!connected_ || under_way_ || wanted_) return;
  if (pause_until_ && now < *pause_until_) return;
  pause_until_.reset();
  wanted_ = next_request(now);
}

std::optional<Time> Participant::next_deadline() const {
  const auto own = own_deadline();
  if (!connected_ || !pause_until_) return own;
  return own ? std::min(*own, *pause_until_) : pause_until_;
}

std::optional<Request> Participant::take_request() {
  if (!wanted_) return std::nullopt;
  under_way_ = std::move(wanted_);
  wanted_.reset();
  return under_way_;
}

// All have as many digits, so their names sort as their numbers do.
std::vector<std::string> candidates_among(const std::vector<std::string>& children) {
  std::vector<std::string> candidates;
  for (const std::string& child : children) {
    if (child.starts_with(candidate_prefix)) candidates.push_back(child);
  }
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

}  // namespace mesolite::detection
