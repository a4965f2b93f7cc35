// What of the master's state must survive it: the records that leave as Persist outputs and come
// back when the next master starts, each with the key under which the registry keeps it.
//
// A record is one message struct under the wire's rules (fields are only appended), so an older
// master's registry stays readable. A key is a path: "<kind>/<name>"; an empty value removes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mesolite/protocol/types.hpp"

namespace mesolite::master {

// "weights/eng/web": weights that an operator has set.
struct DurableWeight {
  double weight = 1.0;
  MESOLITE_FIELDS(weight);

  static constexpr std::string_view kind = "weights";
};

// "quotas/eng/web"
struct DurableQuota {
  Resources guarantee;
  std::optional<Resources> limit;
  MESOLITE_FIELDS(guarantee, limit);

  static constexpr std::string_view kind = "quotas";
};

MESOLITE_ENUM(AgentStanding, unknown, admitted, unreachable, gone)

// An agent that an operator wants empty.
struct Drain {
  Time started_at{};
  std::optional<Time> deadline;  // none: tasks may take as long as their own kill policies allow
  bool mark_gone = false;        // once it is drained, it is gone for good
  Time drained_at{};             // zero: something is left
  MESOLITE_FIELDS(started_at, deadline, mark_gone, drained_at);
};

// "agents/c-A17"
struct DurableAgent {
  AgentInfo info;
  AgentStanding standing = AgentStanding::admitted;
  Time since{};        // of that standing
  bool active = true;  // false: an operator wants nothing of it offered
  std::optional<Drain> drain;
  MESOLITE_FIELDS(info, standing, since, active, drain);

  static constexpr std::string_view kind = "agents";
};

// "frameworks/c-F3": each that has not ended.
struct DurableFramework {
  FrameworkInfo info;
  Time registered_at{};
  Time deadline{};  // when it is torn down unless its scheduler is back; zero: it is connected
  MESOLITE_FIELDS(info, registered_at, deadline);

  static constexpr std::string_view kind = "frameworks";
};

template <class Record>
std::string durable_key(std::string_view name) {
  return std::string(Record::kind) + "/" + std::string(name);
}

// The name in a key of this kind of record; none if the key is of another kind.
template <class Record>
std::optional<std::string_view> durable_name(std::string_view key) {
  constexpr std::size_t prefix = Record::kind.size() + 1;
  const bool mine = key.size() > prefix && key.starts_with(Record::kind) && key[prefix - 1] == '/';
  return mine ? std::optional(key.substr(prefix)) : std::nullopt;
}

class State;

// Hands a record to the registry. What is sent after this in the same step, or later, leaves only
// when the record is durable.
void persist_bytes(State& state, std::string key, Bytes value);

template <class Record>
void persist(State& state, std::string_view name, const Record& record) {
  persist_bytes(state, durable_key<Record>(name), Bytes(encode(record)));
}

template <class Record>
void forget_durable(State& state, std::string_view name) {
  persist_bytes(state, durable_key<Record>(name), Bytes());
}

}  // namespace mesolite::master
