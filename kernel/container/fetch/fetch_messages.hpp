// What an agent tells mesolite-fetch, and what that answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/container/launch_spec.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::container {

// Descriptors of mesolite-fetch: the order is on standard input, whole.
inline constexpr int fetch_sandbox = 3;       // its directory
inline constexpr int fetch_answer = 4;        // a file for the answer
inline constexpr int fetch_first_cached = 5;  // copies that the agent has, as the order says

struct FetchItem {
  Uri uri;
  std::string file;         // name in the sandbox
  bool cached = false;      // the next of the cached copies is of this URI, as it was when …
  std::string etag;         // … the server called it so
  std::string modified_at;  // … or it was changed last (HTTP date, or nanoseconds of a file)
  MESOLITE_FIELDS(uri, file, cached, etag, modified_at);
};

struct FetchOrder {
  std::optional<Identity> identity;  // as whom; none: as whom it was started
  std::vector<FetchItem> items;
  std::uint64_t bytes_max = 0;    // of a file, and of what comes out of an archive
  std::uint64_t entries_max = 0;  // of an archive
  Duration stall_timeout{0};      // a server that sends nothing for so long is given up
  MESOLITE_FIELDS(identity, items, bytes_max, entries_max, stall_timeout);
};

struct Fetched {
  bool from_cache = false;  // it has not changed since
  std::string etag;
  std::string modified_at;
  MESOLITE_FIELDS(from_cache, etag, modified_at);
};

struct FetchAnswer {
  std::vector<Fetched> items;
  std::string error;  // a sentence; "": all is there
  MESOLITE_FIELDS(items, error);
};

}  // namespace mesolite::container
