// The messages between BlockClient and BlockServer as bytes; drawn in block_server.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mesolite/data/block_server.hpp"

namespace mesolite::data {

inline constexpr std::size_t request_head_size = 24;
inline constexpr std::size_t reply_head_size = 32;

struct BlockRequest {
  std::string token;
  std::string name;
  std::uint64_t offset = 0;
  std::uint32_t window = 0;
};

struct BlockReply {
  BlockStatus status = BlockStatus::ok;
  std::uint64_t block_size = 0;
  std::uint32_t payload_size = 0;
  std::uint64_t checksum = 0;
};

// How many bytes follow a request's head, or nothing if it is not one of ours or breaks a limit.
// REQUIRES: head.size() >= request_head_size.
std::optional<std::size_t> request_tail_size(std::string_view head);
// REQUIRES: request_tail_size accepted the head, and the tail is there.
BlockRequest decode_request(std::string_view bytes);
std::string encode(const BlockRequest& request);

using BlockReplyHead = std::array<char, reply_head_size>;
BlockReplyHead encode(const BlockReply& reply);
// Nothing if it is not a reply or its payload is larger than any window.
std::optional<BlockReply> decode_reply(const BlockReplyHead& head);

std::uint64_t payload_checksum(std::string_view payload);

}  // namespace mesolite::data
