// BlockServer: serves named byte ranges of local files to other processes of the same job.
//
// A reader asks for one window of a block at a time and asks for the next when it has room for it:
// so a slow reader holds back nobody, the server keeps no state for it, and a broken transfer goes
// on at the offset that it had reached.
//
//   request: magic "MBQ1", u16 token size, u16 name size, u64 offset, u32 window, u32 zero,
//            token, name
//   reply:   magic "MBR1", u32 status, u64 size of the block, u32 size of the payload, u32 zero,
//            u64 xxh3 of the payload, payload
//
// All numbers are little endian. Whoever does not know the job's token gets nothing. The token
// itself travels in the clear, as in Hadoop's shuffle without TLS: it keeps jobs apart, and is no
// protection against somebody who reads the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"

namespace mesolite::data {

inline constexpr std::size_t block_name_size_max = 256;
inline constexpr std::size_t block_token_size_max = 128;
inline constexpr std::uint32_t block_window_max = std::uint32_t{4} << 20;

enum class BlockStatus : std::uint32_t { ok, no_such_block, wrong_token, bad_request, unreadable };

struct BlockLocation {
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct BlockServerOptions {
  std::string ip = "127.0.0.1";  // where to listen; the port is the system's choice
  std::string token;             // 1 to block_token_size_max bytes
  std::size_t connections_max = 256;
  Duration idle_timeout = 60s;  // a silent connection is closed after this
};

class BlockServer {
 public:
  // Listens, and serves on a thread of its own until it is destroyed.
  static Result<std::unique_ptr<BlockServer>> start(BlockServerOptions options);
  virtual ~BlockServer() = default;

  virtual std::uint16_t port() const = 0;  // [any thread]

  // [any thread] A block that is published under a taken name takes its place.
  virtual void publish(const std::string& name, BlockLocation location) = 0;
  // [any thread] Every block whose name starts with `prefix`.
  virtual void withdraw(std::string_view prefix) = 0;
  // [any thread] For readers in the same process, which need no transfer.
  virtual std::optional<BlockLocation> find(std::string_view name) const = 0;
};

}  // namespace mesolite::data
