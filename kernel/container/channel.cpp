#include "kernel/container/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace mesolite::container {
namespace {

constexpr std::size_t length_bytes = 4;
constexpr std::size_t frame_bytes_max = 16u << 20;  // far above what execve(2) takes
constexpr std::size_t descriptors_per_frame_max = 4;
constexpr std::size_t joined_bytes_max = 64u << 10;
constexpr std::size_t receive_bytes = 64u << 10;

std::string with_length(const std::string& message) {
  std::string frame(length_bytes, '\0');
  for (std::size_t i = 0; i < length_bytes; ++i) {
    frame[i] = static_cast<char>((message.size() >> (8 * i)) & 0xff);
  }
  return frame + message;
}

std::size_t length_of(std::string_view frame) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= static_cast<std::size_t>(static_cast<std::uint8_t>(frame[i])) << (8 * i);
  }
  return length;
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Status Channel::send_frame(const std::string& message, const std::vector<int>& descriptors) {
  std::string frame = with_length(message);
  if (descriptors.empty()) {
    if (waiting_.empty() || waiting_.back().bytes.size() > joined_bytes_max) {
      waiting_.emplace_back();
    }
    waiting_.back().bytes += frame;
    return {};
  }
  if (auto flushed = flush(); !flushed) return flushed;
  Waiting waiting;
  if (waiting_.empty()) {
    const auto sent = send_bytes(frame, descriptors);
    if (!sent) return tl::unexpected(sent.error());
    if (*sent == frame.size()) return {};
    waiting.sent = *sent;
  }
  for (const int number : waiting.sent == 0 ? descriptors : std::vector<int>{}) {
    waiting.descriptors.emplace_back(::fcntl(number, F_DUPFD_CLOEXEC, 3));
  }
  waiting.bytes = std::move(frame);
  waiting_.push_back(std::move(waiting));
  return {};
}

Status Channel::flush() {
  while (!waiting_.empty()) {
    Waiting& first = waiting_.front();
    std::vector<int> descriptors;
    for (const Descriptor& descriptor : first.descriptors) descriptors.push_back(descriptor.get());
    const auto sent = send_bytes(std::string_view(first.bytes).substr(first.sent), descriptors);
    if (!sent) return tl::unexpected(sent.error());
    if (*sent == 0) return {};
    first.sent += *sent;
    first.descriptors.clear();
    if (first.sent == first.bytes.size()) waiting_.pop_front();
  }
  return {};
}

// How much the socket took; 0: it is full.
Result<std::size_t> Channel::send_bytes(std::string_view bytes,
                                        const std::vector<int>& descriptors) {
  // sendmsg(2) does not write to it; the type is older than const.
  iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(descriptors_per_frame_max * sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t size = descriptors.size() * sizeof(int);
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(size);
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(rights), descriptors.data(), size);
  }
  const ssize_t sent = ::sendmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (would_block(errno)) return std::size_t{0};
  return system_failure("cannot write to the launcher's socket", errno);
}

void Channel::take_descriptors(const msghdr& header) {
  // The macros take a msghdr that they could write to.
  auto* whole = const_cast<msghdr*>(&header);
  for (cmsghdr* part = CMSG_FIRSTHDR(whole); part != nullptr; part = CMSG_NXTHDR(whole, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      descriptors_.emplace_back(number);
    }
  }
}

Result<bool> Channel::receive() {
  received_.erase(0, consumed_);
  consumed_ = 0;
  const std::size_t before = received_.size();
  received_.resize(before + receive_bytes);
  iovec piece{received_.data() + before, receive_bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(descriptors_per_frame_max * sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t count = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  const int error = errno;
  received_.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
  if (count == 0) return failure("the other end of the launcher's socket is gone");
  if (count < 0 && !would_block(error)) {
    return system_failure("cannot read the launcher's socket", error);
  }
  if (count > 0) take_descriptors(header);
  return count > 0;
}

Result<std::optional<std::string_view>> Channel::next_frame() {
  const std::string_view rest = std::string_view(received_).substr(consumed_);
  if (rest.size() < length_bytes) return std::optional<std::string_view>();
  const std::size_t length = length_of(rest);
  if (length > frame_bytes_max) {
    return failure("a frame of " + std::to_string(length) + " bytes on the launcher's socket");
  }
  if (rest.size() < length_bytes + length) return std::optional<std::string_view>();
  consumed_ += length_bytes + length;
  return std::optional(rest.substr(length_bytes, length));
}

Descriptor Channel::take_descriptor() {
  if (descriptors_.empty()) return Descriptor();
  Descriptor oldest = std::move(descriptors_.front());
  descriptors_.pop_front();
  return oldest;
}

}  // namespace mesolite::container
