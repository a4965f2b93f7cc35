// BlockClient: fetches blocks from BlockServers, window by window, with retries.
//
// Owned and used by one thread. Keeps its connections for the next fetch.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/data/block_server.hpp"

namespace mesolite::data {

// Why a block did not come. Schedulers react: `missing` and `corrupt` mean that it must be made
// again at once, `unreachable` and `timed_out` that its host may be gone.
enum class FetchCause { unreachable, timed_out, wrong_token, missing, corrupt, stopped, not_kept };
std::string_view to_text(FetchCause cause);

struct FetchError {
  FetchCause cause = FetchCause::unreachable;
  std::string host;
  std::string block;
  std::string detail;

  // "cannot fetch block 'm3.r1' from 10.0.0.7:4711: missing: it was withdrawn"
  std::string message() const;
};

struct BlockAddress {
  std::string host;  // "ip:port" or "name:port"
  std::string block;
  std::uint64_t length = 0;  // what its maker reported; another length is `corrupt`
};

struct BlockClientOptions {
  std::string token;
  std::uint32_t window = std::uint32_t{1} << 20;  // bytes asked for at a time: the back-pressure
  unsigned attempts_max = 3;                      // in a row without a byte of progress
  Duration retry_pause = 100ms;                   // doubles with each attempt
  Duration timeout = 10s;                         // to connect, and between two bytes
  std::size_t connections_max = 16;               // kept open
};

class BlockClient {
 public:
  // Takes the next bytes of the block; an error ends the fetch as `not_kept`.
  using Sink = std::function<Status(std::string_view bytes)>;

  explicit BlockClient(BlockClientOptions options);
  ~BlockClient();

  // Streams the whole block into `sink`; each byte comes once, in order.
  tl::expected<void, FetchError> fetch(const BlockAddress& address, const Sink& sink,
                                       std::stop_token stop = {});

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite::data
