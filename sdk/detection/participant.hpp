// Participant: what takes part in a ZooKeeper ensemble, as a pure machine: no socket, no clock, no
// thread. What it asks and what it makes of the answers is said by who derives from it.
//
// The shell (zookeeper_thread.hpp) tells it of its session, carries out the one request that is
// under way and hands in the answer. Everything is level-triggered: whatever may have been missed,
// because of a broken connection or a change, is looked at anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/base/time.hpp"

namespace mesolite::detection {

// The children of an election's node that stand for masters: this and ten digits.
inline constexpr const char* candidate_prefix = "json.info_";

struct Session {
  std::int64_t id = 0;
  Duration timeout{};  // as agreed with the server
};

struct Request {
  enum class Kind {
    make,   // a node that stays; that it exists is well, too
    stand,  // a node of the session, its number behind the prefix in `path`
    list,   // children of a node
    look,   // content of a node
    remove
  };
  Kind kind = Kind::look;
  std::string path;
  std::string data;    // make, stand
  bool watch = false;  // list, look: tell of the next change
};

enum class AnswerKind {
  ok,
  absent,   // no such node
  lost,     // whether it was done, nobody knows: the connection broke
  refused,  // by an access list
  failed
};

struct Answer {
  AnswerKind kind = AnswerKind::ok;
  std::string problem;                // refused, failed
  std::vector<std::string> children;  // list
  std::string data;                   // look
  std::int64_t created = 0;           // look: czxid, which grows with every write to the ensemble
  std::int64_t owner = 0;             // look: the session whose node it is
};

class Participant {
 public:
  virtual ~Participant() = default;

  // The session stands, for the first time or again.
  void connected(Time now, const Session& session);
  // The connection is broken; the session goes on as long as its timeout.
  void suspended();
  // The session is over, and with it its nodes and watches. The shell begins another one.
  void expired(Time now);
  // Something that is watched has changed.
  void changed(Time now);
  // To the request taken last.
  void answered(Time now, const Answer& answer);
  void advance(Time now);
  std::optional<Time> next_deadline() const;
  // What is to be asked now. While that is under way, there is nothing more.
  std::optional<Request> take_request();
  // What the ensemble last had against a request; "" once it had nothing. For logs.
  const std::string& problem() const { return problem_; }

 protected:
  // What to ask next; nothing as long as all is known. Called while connected, with nothing under
  // way.
  virtual std::optional<Request> next_request(Time now) = 0;
  // The answer, if it is neither `lost` nor against us.
  virtual void hear(Time now, const Request& request, const Answer& answer) = 0;
  // All that was learned may be outdated.
  virtual void doubt(Time now) = 0;
  // The session is gone with all that was its.
  virtual void forget(Time now) = 0;
  // Deadlines of its own.
  virtual void tick(Time now) = 0;
  virtual std::optional<Time> own_deadline() const = 0;

  const Session& session() const { return session_; }
  bool is_connected() const { return connected_; }
  // Asks nothing before that time.
  void pause_until(Time time) { pause_until_ = time; }
  // Looks for something to ask, if nothing is under way.
  void go_on(Time now);

 private:
  Session session_;
  bool connected_ = false;
  std::optional<Request> wanted_;     // not taken yet
  std::optional<Request> under_way_;  // taken
  std::optional<Time> pause_until_;
  std::string problem_;
};

// Those of the children that stand for masters, in the order in which they came.
std::vector<std::string> candidates_among(const std::vector<std::string>& children);

}  // namespace mesolite::detection
