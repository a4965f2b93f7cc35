#include "tests/support/pretended_ensemble.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "mesolite/base/check.hpp"

namespace mesolite::harness {
namespace {

using detection::Answer;
using detection::AnswerKind;
using detection::Participant;
using detection::Request;
using detection::Session;

constexpr Duration step_length = 5ms;

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string numbered(const std::string& prefix, int number) {
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "%010d", number);
  return prefix + digits.data();
}

}  // namespace

void PretendedEnsemble::add(Participant& participant) {
  clients_.push_back(std::make_unique<Client>());
  clients_.back()->participant = &participant;
}

void PretendedEnsemble::remove(Participant& participant) {
  Client& client = client_of(participant);
  client.participant = nullptr;
  client.connected = false;
  client.inbox.clear();
  client.request.reset();
}

PretendedEnsemble::Client& PretendedEnsemble::client_of(Participant& participant) {
  const auto found = std::find_if(clients_.begin(), clients_.end(), [&](const auto& client) {
    return client->participant == &participant;
  });
  MESOLITE_CHECK(found != clients_.end(), "who is spoken of takes part");
  return **found;
}

void PretendedEnsemble::connect(Participant& participant) {
  Client& client = client_of(participant);
  if (client.connected) return;
  client.connected = true;
  client.heard = now_;
  if (client.session == 0) client.session = ++sessions_;
  const Session session{client.session, session_timeout};
  tell(client, [session](Participant& to, Time now) { to.connected(now, session); });
}

void PretendedEnsemble::disconnect(Participant& participant) {
  Client& client = client_of(participant);
  if (!client.connected) return;
  client.connected = false;
  // Whether a request got through is a matter of luck, and so is what was on its way to us.
  const bool asked = client.request.has_value();
  if (asked && random_.below(2) == 0) (void)carry_out(client, client.request->second);
  client.request.reset();
  client.inbox.clear();
  tell(client, [](Participant& to, Time) { to.suspended(); });
  tell(client, [](Participant& to, Time now) {
    Answer answer;
    answer.kind = AnswerKind::lost;
    to.answered(now, answer);
  });
}

void PretendedEnsemble::freeze(Participant& participant) {
  client_of(participant).frozen = true;
}

void PretendedEnsemble::thaw(Participant& participant) {
  client_of(participant).frozen = false;
}

void PretendedEnsemble::tell(Client& client, Event event) {
  const Time last = client.inbox.empty() ? now_ : client.inbox.back().first;
  client.inbox.emplace_back(std::max(last, now_ + delay()), std::move(event));
}

void PretendedEnsemble::pass(Duration duration, const std::function<void()>& check) {
  for (const Time end = now_ + duration; now_ < end;) {
    now_ += step_length;
    for (std::size_t i = 0; i < clients_.size(); ++i) step(*clients_[i]);
    if (check) check();
  }
}

void PretendedEnsemble::step(Client& client) {
  if (client.connected && !client.frozen) client.heard = now_;
  if (client.session != 0 && now_ - client.heard >= session_timeout) end_session(client);
  if (client.request && client.request->first <= now_) {
    const Request request = std::move(client.request->second);
    client.request.reset();
    Answer answer = carry_out(client, request);
    tell(client,
         [answer = std::move(answer)](Participant& to, Time now) { to.answered(now, answer); });
  }
  if (client.participant == nullptr || client.frozen) return;
  while (!client.inbox.empty() && client.inbox.front().first <= now_) {
    const Event event = std::move(client.inbox.front().second);
    client.inbox.pop_front();
    event(*client.participant, now_);
  }
  client.participant->advance(now_);
  if (!client.connected || client.request) return;
  if (auto request = client.participant->take_request()) {
    client.request.emplace(now_ + delay(), std::move(*request));
  }
}

// The client is told at its next connection at the earliest; here that comes at once.
void PretendedEnsemble::end_session(Client& client) {
  std::vector<std::string> gone;
  for (const auto& [path, node] : nodes_) {
    if (node.owner == client.session) gone.push_back(path);
  }
  client.session = 0;
  client.connected = false;
  client.watched.clear();
  client.request.reset();
  client.inbox.clear();
  for (const std::string& path : gone) erase(path);
  tell(client, [](Participant& to, Time now) { to.expired(now); });
}

Answer PretendedEnsemble::carry_out(Client& client, const Request& request) {
  Answer answer;
  const auto found = nodes_.find(request.path);
  const bool top = parent_of(request.path).empty();
  const bool orphan = !top && !nodes_.contains(parent_of(request.path));
  const bool absent = found == nodes_.end();
  switch (request.kind) {
    case Request::Kind::make:
      if (orphan) answer.kind = AnswerKind::absent;
      if (!orphan && absent) set(request.path, request.data);
      return answer;
    case Request::Kind::stand:
      if (orphan) answer.kind = AnswerKind::absent;
      if (!orphan) set(numbered(request.path, sequence_++), request.data, client.session);
      return answer;
    case Request::Kind::remove:
      if (absent) answer.kind = AnswerKind::absent;
      if (!absent) erase(request.path);
      return answer;
    case Request::Kind::list:
      for (const auto& [path, node] : nodes_) {
        if (parent_of(path) == request.path) {
          answer.children.push_back(path.substr(request.path.size() + 1));
        }
      }
      // ZooKeeper gives them in no order.
      std::reverse(answer.children.begin(), answer.children.end());
      break;
    case Request::Kind::look:
      break;
  }
  if (absent) {
    answer.kind = AnswerKind::absent;
    return answer;
  }
  answer.data = found->second.data;
  answer.created = found->second.created;
  answer.owner = found->second.owner;
  if (request.watch) client.watched.insert(request.path);
  return answer;
}

void PretendedEnsemble::changed(const std::string& path) {
  for (const auto& client : clients_) {
    if (client->watched.erase(path) == 0) continue;
    tell(*client, [](Participant& to, Time now) { to.changed(now); });
  }
}

const std::string* PretendedEnsemble::data(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second.data;
}

std::size_t PretendedEnsemble::count(const std::string& path_prefix) const {
  return static_cast<std::size_t>(
      std::count_if(nodes_.begin(), nodes_.end(),
                    [&](const auto& node) { return node.first.starts_with(path_prefix); }));
}

void PretendedEnsemble::set(const std::string& path, std::string data, std::int64_t owner) {
  nodes_[path] = {std::move(data), owner, ++transactions_};
  changed(path);
}

void PretendedEnsemble::erase(const std::string& path) {
  nodes_.erase(path);
  changed(path);
}

}  // namespace mesolite::harness
