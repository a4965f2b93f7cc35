// What the driver and its workers say to one another, over one connection a worker.
//
// A frame is a header in msgpack and a body of raw bytes, which may be large (connection.hpp).
// Both ends are the same executable, so fields need no history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frameworks/mini-spark/engine/run_task.hpp"

namespace mesolite::spark {

MESOLITE_ENUM(ToWorkerKind, unknown, plan, outputs, launch, kill, drop_plan, drop_shuffle,
              drop_cached, drop_value, value, stop)

struct ToWorker {
  ToWorkerKind kind = ToWorkerKind::unknown;
  std::uint64_t id = 0;  // of the node, shuffle, RDD, value or attempt; value: of the request
  TaskPlace place;       // launch
  std::string problem;   // value: why there is none
  // body: the plan, the outputs, the value
  MESOLITE_FIELDS(kind, id, place, problem);
};

MESOLITE_ENUM(FromWorkerKind, unknown, hello, ended, fetch_value)

struct FromWorker {
  FromWorkerKind kind = FromWorkerKind::unknown;
  std::uint64_t id = 0;       // hello: the executor; ended: the attempt; fetch_value: the value
  std::string token;          // hello: what the driver told its workers alone
  std::string identity;       // hello: which executable it is (ship/image.hpp)
  std::string host;           // hello: where its blocks are served
  TaskOutcome outcome;        // ended; its result is the body
  std::uint32_t part = 0;     // fetch_value
  std::uint64_t request = 0;  // fetch_value: its number, for the answer
  MESOLITE_FIELDS(kind, id, token, identity, host, outcome, part, request);
};

}  // namespace mesolite::spark
