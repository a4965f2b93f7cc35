#include "kernel/election/candidacy.hpp"

#include <algorithm>
#include <utility>

namespace mesolite::election {

using detection::AnswerKind;

Candidacy::Candidacy(std::string path, std::string data)
    : path_(std::move(path)), data_(std::move(data)) {}

std::string Candidacy::own_path() const {
  return own_.empty() ? "" : path_ + "/" + own_;
}

// ---- what to ask
// ---------------------------------------------------------------------------------

std::optional<detection::Request> Candidacy::next_request(Time now) {
  if (ended_) return std::nullopt;
  if (epoch_) {
    if (now < check_at_) return std::nullopt;
    asked_at_ = now;
    return look_at(own_, false);
  }
  if (auto make = make_path()) return make;
  if (!listed_) return Request{Request::Kind::list, path_, "", false};
  return find_place(now);
}

// The next part of the path that may be missing.
std::optional<detection::Request> Candidacy::make_path() const {
  if (path_made_ == path_.size()) return std::nullopt;
  const std::size_t end = std::min(path_.find('/', path_made_ + 1), path_.size());
  return Request{Request::Kind::make, path_.substr(0, end), "", false};
}

std::optional<detection::Request> Candidacy::find_place(Time now) {
  std::string before;
  own_.clear();
  for (const auto& [name, owner] : owners_) {
    if (!owner) return look_at(name, false);
    if (own_.empty() && *owner == session().id) {
      own_ = name;
    } else if (own_.empty()) {
      before = name;
    } else if (*owner == session().id) {
      // Made twice, as its first maker never heard of it: nobody waits for the second one.
      return Request{Request::Kind::remove, path_ + "/" + name, "", false};
    }
  }
  if (own_.empty()) {
    return Request{Request::Kind::stand, path_ + "/" + detection::candidate_prefix, data_, false};
  }
  if (before.empty()) {
    asked_at_ = now;
    return look_at(own_, false);
  }
  if (watching_) return std::nullopt;
  return look_at(before, true);
}

detection::Request Candidacy::look_at(const std::string& name, bool watch) const {
  return Request{Request::Kind::look, path_ + "/" + name, "", watch};
}

// ---- what is heard
// -------------------------------------------------------------------------------

void Candidacy::hear(Time now, const Request& request, const Answer& answer) {
  const bool absent = answer.kind == AnswerKind::absent;
  switch (request.kind) {
    case Request::Kind::make:
      path_made_ = absent ? 0 : request.path.size();
      return;
    case Request::Kind::list:
      if (absent) path_made_ = 0;
      return absent ? void() : hear_list(answer);
    case Request::Kind::stand:
      if (absent) path_made_ = 0;
      listed_ = false;
      return;
    case Request::Kind::remove:
      listed_ = false;
      return;
    case Request::Kind::look:
      return hear_look(now, request.path.substr(path_.size() + 1), request, answer);
  }
}

void Candidacy::hear_list(const Answer& answer) {
  std::map<std::string, std::optional<std::int64_t>> owners;
  for (const std::string& name : detection::candidates_among(answer.children)) {
    const auto known = owners_.find(name);
    owners.emplace(name, known == owners_.end() ? std::nullopt : known->second);
  }
  owners_ = std::move(owners);
  listed_ = true;
}

void Candidacy::hear_look(Time now, const std::string& name, const Request& request,
                          const Answer& answer) {
  if (answer.kind == AnswerKind::absent) {
    if (epoch_) return lose();
    listed_ = false;
    return;
  }
  owners_[name] = answer.owner;
  if (request.watch) {
    watching_ = true;
    return;
  }
  const bool first = listed_ && !owners_.empty() && owners_.begin()->first == name;
  const bool proved = name == own_ && answer.owner == session().id && (epoch_ || first);
  if (epoch_ && !proved) return lose();
  if (!proved) return;
  epoch_ = answer.created;
  lease_until_ = asked_at_ + session().timeout * 2 / 3;
  check_at_ = std::max(now, asked_at_ + session().timeout / 6);
}

// ---- what ends
// -----------------------------------------------------------------------------------

void Candidacy::doubt(Time now) {
  listed_ = false;
  watching_ = false;
  check_at_ = now;
}

void Candidacy::forget(Time) {
  listed_ = false;
  watching_ = false;
  owners_.clear();
  own_.clear();
  if (epoch_) lose();
}

void Candidacy::tick(Time now) {
  if (epoch_ && now >= lease_until_) lose();
}

std::optional<Time> Candidacy::own_deadline() const {
  if (!epoch_) return std::nullopt;
  return is_connected() ? std::min(check_at_, lease_until_) : lease_until_;
}

void Candidacy::lose() {
  epoch_.reset();
  ended_ = true;
}

}  // namespace mesolite::election
