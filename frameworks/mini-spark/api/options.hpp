// What a program's user may choose. Flags win over the environment, that over the defaults.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "frameworks/mini-spark/tracker/job_tracker.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::spark {

struct Options {
  std::string name = "mini-spark";
  // MASTER, --master: "local[N]" (N threads; "local" is one, "local[*]" one a processor),
  // "host:port" of a Mesolite master, "zk://host:port/path".
  std::string master = "local[*]";
  std::uint64_t memory = std::uint64_t{1} << 30;  // --memory: of each executor, in bytes
  std::uint32_t cores = 1;                        // --cores: tasks at a time of each executor
  std::uint32_t executors_max = 16;               // --executors
  std::uint32_t partitions = 0;  // --partitions: of what does not say; 0 = two for each slot
  Duration idle_timeout = 60s;  // --idle-timeout: then an executor that keeps nothing is given back
  std::string scratch;          // --scratch: directory for files; empty = that of the system
  std::string event_log;        // --event-log: file for what happens, a JSON object a line
  int web_port = -1;            // --web-port: of the page; 0 = any, -1 = none
  bool quiet = false;           // --quiet: no progress on the terminal
  TrackerOptions tracker;       // --pools=fair, --speculation
};

struct ParsedOptions {
  Options options;
  std::vector<std::string> rest;  // arguments that are the program's own
};

// Takes what it knows from the arguments (without argv[0]) and the environment; "--" ends it.
Result<ParsedOptions> parse_options(const std::vector<std::string>& arguments);

// N of "local[N]"; 0 if it is another kind of master; fails on local[something].
Result<std::uint32_t> local_slots(const std::string& master);

}  // namespace mesolite::spark
