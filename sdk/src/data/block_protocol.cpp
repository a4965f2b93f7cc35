#include "block_protocol.hpp"

#include <xxhash.h>

#include "little_endian.hpp"

namespace mesolite::data {
namespace {

constexpr std::uint32_t request_magic = 0x3151424D;  // "MBQ1"
constexpr std::uint32_t reply_magic = 0x3152424D;    // "MBR1"

}  // namespace

std::optional<std::size_t> request_tail_size(std::string_view head) {
  const std::size_t token_size = get_u16(head.data() + 4);
  const std::size_t name_size = get_u16(head.data() + 6);
  const std::uint32_t window = get_u32(head.data() + 16);
  if (get_u32(head.data()) != request_magic) return std::nullopt;
  if (token_size > block_token_size_max || name_size > block_name_size_max) return std::nullopt;
  if (window == 0 || window > block_window_max) return std::nullopt;
  return token_size + name_size;
}

BlockRequest decode_request(std::string_view bytes) {
  const std::size_t token_size = get_u16(bytes.data() + 4);
  const std::size_t name_size = get_u16(bytes.data() + 6);
  BlockRequest request;
  request.offset = get_u64(bytes.data() + 8);
  request.window = get_u32(bytes.data() + 16);
  request.token = bytes.substr(request_head_size, token_size);
  request.name = bytes.substr(request_head_size + token_size, name_size);
  return request;
}

std::string encode(const BlockRequest& request) {
  std::string bytes(request_head_size, '\0');
  put_u32(bytes.data(), request_magic);
  put_u16(bytes.data() + 4, static_cast<std::uint16_t>(request.token.size()));
  put_u16(bytes.data() + 6, static_cast<std::uint16_t>(request.name.size()));
  put_u64(bytes.data() + 8, request.offset);
  put_u32(bytes.data() + 16, request.window);
  return bytes + request.token + request.name;
}

BlockReplyHead encode(const BlockReply& reply) {
  BlockReplyHead head{};
  put_u32(head.data(), reply_magic);
  put_u32(head.data() + 4, static_cast<std::uint32_t>(reply.status));
  put_u64(head.data() + 8, reply.block_size);
  put_u32(head.data() + 16, reply.payload_size);
  put_u64(head.data() + 24, reply.checksum);
  return head;
}

std::optional<BlockReply> decode_reply(const BlockReplyHead& head) {
  if (get_u32(head.data()) != reply_magic) return std::nullopt;
  const std::uint32_t status = get_u32(head.data() + 4);
  if (status > static_cast<std::uint32_t>(BlockStatus::unreadable)) return std::nullopt;
  BlockReply reply;
  reply.status = static_cast<BlockStatus>(status);
  reply.block_size = get_u64(head.data() + 8);
  reply.payload_size = get_u32(head.data() + 16);
  reply.checksum = get_u64(head.data() + 24);
  if (reply.payload_size > block_window_max) return std::nullopt;
  return reply;
}

std::uint64_t payload_checksum(std::string_view payload) {
  return XXH3_64bits(payload.data(), payload.size());
}

}  // namespace mesolite::data
