#include "kernel/modules/frames.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mesolite::modules {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = tl::expected<void, FrameProblem>;

struct Header {
  std::uint32_t size = 0;
  std::uint32_t word = 0;
};

// Memory for an answer grows as it comes, whatever its header claims.
constexpr std::size_t piece_bytes_max = 1u << 20;

tl::unexpected<FrameProblem> problem(FrameProblem what) {
  return tl::unexpected<FrameProblem>(what);
}

// Until it is ready for `events`, or its other side is gone.
Outcome wait_for(int descriptor, short events, const FrameDeadline& deadline) {
  while (true) {
    int patience = -1;
    if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
      if (left.count() <= 0) return problem(FrameProblem::late);
      patience = static_cast<int>(left.count());
    }
    pollfd polled{descriptor, events, 0};
    const int ready = ::poll(&polled, 1, patience);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return problem(FrameProblem::ended);
  }
}

// What a transfer that moved nothing means: to wait, or that the other side is gone.
Outcome after(ssize_t moved, int descriptor, short events, const FrameDeadline& deadline) {
  if (moved < 0 && errno == EINTR) return {};
  if (moved < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return wait_for(descriptor, events, deadline);
  }
  return problem(FrameProblem::ended);
}

Outcome read_into(int descriptor, char* to, std::size_t size, const FrameDeadline& deadline) {
  while (size > 0) {
    const ssize_t got = ::recv(descriptor, to, size, MSG_DONTWAIT);
    if (got > 0) {
      to += got;
      size -= static_cast<std::size_t>(got);
    } else if (const Outcome waited = after(got, descriptor, POLLIN, deadline); !waited) {
      return waited;
    }
  }
  return {};
}

}  // namespace

Outcome write_frame(int descriptor, std::uint32_t word, std::string_view bytes,
                    FrameDeadline deadline) {
  if (bytes.size() > frame_bytes_max) return problem(FrameProblem::oversized);
  Header header{static_cast<std::uint32_t>(bytes.size()), word};
  std::array<iovec, 2> parts = {iovec{&header, sizeof header},
                                iovec{const_cast<char*>(bytes.data()), bytes.size()}};
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) {
      if (const Outcome waited = after(sent, descriptor, POLLOUT, deadline); !waited) return waited;
      continue;
    }
    auto left = static_cast<std::size_t>(sent);
    for (iovec& part : parts) {
      const std::size_t taken = std::min(left, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + taken;
      part.iov_len -= taken;
      left -= taken;
    }
  }
  return {};
}

tl::expected<Frame, FrameProblem> read_frame(int descriptor, FrameDeadline deadline) {
  Header header;
  const Outcome begun =
      read_into(descriptor, reinterpret_cast<char*>(&header), sizeof header, deadline);
  if (!begun) return problem(begun.error());
  if (header.size > frame_bytes_max) return problem(FrameProblem::oversized);
  Frame frame{header.word, {}};
  while (frame.bytes.size() < header.size) {
    const std::size_t before = frame.bytes.size();
    frame.bytes.resize(std::min<std::size_t>(header.size, before + piece_bytes_max));
    const Outcome read =
        read_into(descriptor, frame.bytes.data() + before, frame.bytes.size() - before, deadline);
    if (!read) return problem(read.error());
  }
  return frame;
}

void write_news(int descriptor, std::uint32_t word, std::string_view bytes) {
  if (bytes.size() > news_bytes_max) return;
  std::array<iovec, 2> parts = {iovec{&word, sizeof word},
                                iovec{const_cast<char*>(bytes.data()), bytes.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ::sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

tl::expected<Frame, FrameProblem> read_news(int descriptor) {
  Frame frame;
  frame.bytes.resize(news_bytes_max);
  std::array<iovec, 2> parts = {iovec{&frame.word, sizeof frame.word},
                                iovec{frame.bytes.data(), frame.bytes.size()}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const ssize_t got = ::recvmsg(descriptor, &message, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    return problem(FrameProblem::late);
  }
  if (got < static_cast<ssize_t>(sizeof frame.word)) return problem(FrameProblem::ended);
  frame.bytes.resize(static_cast<std::size_t>(got) - sizeof frame.word);
  return frame;
}

}  // namespace mesolite::modules
