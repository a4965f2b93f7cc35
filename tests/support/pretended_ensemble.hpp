// PretendedEnsemble: ZooKeeper as far as an election sees it, on virtual time: sessions, nodes that
// are theirs, watches, and everything that goes wrong with connections. Deterministic.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mesolite/base/random.hpp"
#include "sdk/detection/participant.hpp"

namespace mesolite::harness {

class PretendedEnsemble {
 public:
  static constexpr Duration session_timeout = 2s;

  explicit PretendedEnsemble(std::uint64_t seed) : random_(seed) {}

  // Takes part from now on, unless it is removed; not connected yet.
  void add(detection::Participant& participant);
  // Its process ends; the ensemble learns of that when the session is over.
  void remove(detection::Participant& participant);

  void connect(detection::Participant& participant);
  // What is under way is lost; of a request, the ensemble may have carried it out.
  void disconnect(detection::Participant& participant);
  // Stops its process, as SIGSTOP does, and lets it go on.
  void freeze(detection::Participant& participant);
  void thaw(detection::Participant& participant);

  // Lets time pass, in small steps; after each `check` is called.
  void pass(Duration duration, const std::function<void()>& check = {});

  Time now() const { return now_; }
  const std::string* data(const std::string& path) const;
  std::size_t count(const std::string& path_prefix) const;
  void set(const std::string& path, std::string data, std::int64_t owner = 0);
  void erase(const std::string& path);

 private:
  using Event = std::function<void(detection::Participant&, Time)>;

  struct Node {
    std::string data;
    std::int64_t owner = 0;
    std::int64_t created = 0;
  };
  struct Client {
    detection::Participant* participant = nullptr;
    std::int64_t session = 0;  // 0: none, or over
    bool connected = false;
    bool frozen = false;
    Time heard{};  // by the ensemble
    std::set<std::string> watched;
    std::optional<std::pair<Time, detection::Request>> request;  // arrives then
    std::deque<std::pair<Time, Event>> inbox;
  };

  Client& client_of(detection::Participant& participant);
  void step(Client& client);
  void tell(Client& client, Event event);
  detection::Answer carry_out(Client& client, const detection::Request& request);
  void changed(const std::string& path);
  void end_session(Client& client);
  Duration delay() { return std::chrono::milliseconds(1 + random_.below(15)); }

  Random random_;
  Time now_{Duration(1h)};
  std::int64_t transactions_ = 100;
  std::int64_t sessions_ = 0;
  int sequence_ = 0;
  std::map<std::string, Node> nodes_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace mesolite::harness
