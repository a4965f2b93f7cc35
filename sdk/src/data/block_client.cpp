#include "mesolite/data/block_client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "block_protocol.hpp"
#include "mesolite/data/buffer.hpp"
#include "socket.hpp"

namespace mesolite::data {
namespace {

struct Problem {
  FetchCause cause = FetchCause::unreachable;
  std::string detail;
};
using Outcome = tl::expected<void, Problem>;

tl::unexpected<Problem> problem(FetchCause cause, std::string detail) {
  return tl::unexpected<Problem>(Problem{cause, std::move(detail)});
}

// Whether asking once more may help.
bool worth_a_retry(FetchCause cause) {
  return cause == FetchCause::unreachable || cause == FetchCause::timed_out ||
         cause == FetchCause::corrupt;
}

// Sleeps unless somebody asks to stop.
void pause_for(Duration duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace

std::string_view to_text(FetchCause cause) {
  switch (cause) {
    case FetchCause::unreachable:
      return "unreachable";
    case FetchCause::timed_out:
      return "timed out";
    case FetchCause::wrong_token:
      return "wrong token";
    case FetchCause::missing:
      return "missing";
    case FetchCause::corrupt:
      return "corrupt";
    case FetchCause::stopped:
      return "stopped";
    case FetchCause::not_kept:
      return "cannot be kept";
  }
  return "unknown";
}

std::string FetchError::message() const {
  return "cannot fetch block '" + block + "' from " + host + ": " + std::string(to_text(cause)) +
         (detail.empty() ? "" : ": " + detail);
}

class BlockClient::Implementation {
 public:
  explicit Implementation(BlockClientOptions options) : options_(std::move(options)) {
    options_.window = std::clamp(options_.window, std::uint32_t{1}, block_window_max);
  }

  tl::expected<void, FetchError> fetch(const BlockAddress& address, const Sink& sink,
                                       const std::stop_token& stop) {
    std::uint64_t offset = 0;
    unsigned attempts = 0;
    while (offset < address.length) {
      Outcome outcome = fetch_window(address, offset, stop);
      if (outcome) {
        if (auto kept = sink({payload_.data(), payload_size_}); !kept) {
          outcome = problem(FetchCause::not_kept, kept.error().message);
        }
      }
      if (outcome) {
        offset += payload_size_;
        attempts = 0;
        continue;
      }
      connections_.erase(address.host);
      if (!worth_a_retry(outcome.error().cause) || ++attempts >= options_.attempts_max) {
        return tl::unexpected<FetchError>(
            FetchError{outcome.error().cause, address.host, address.block, outcome.error().detail});
      }
      pause_for(options_.retry_pause * (1 << std::min(attempts - 1, 10U)), stop);
    }
    return {};
  }

 private:
  Outcome fetch_window(const BlockAddress& address, std::uint64_t offset,
                       const std::stop_token& stop);
  tl::expected<const Socket*, Problem> connection(const std::string& host,
                                                  const std::stop_token& stop);
  Outcome send_all(const Socket& socket, std::string_view bytes, const std::stop_token& stop);
  Outcome receive_all(const Socket& socket, char* into, std::size_t size,
                      const std::stop_token& stop);
  Outcome await(const Socket& socket, short events, const std::stop_token& stop);
  static Outcome judge(const BlockReply& reply, const BlockAddress& address, std::uint64_t offset);

  BlockClientOptions options_;
  std::unordered_map<std::string, Socket> connections_;  // by host
  Buffer payload_;
  std::size_t payload_size_ = 0;
};

Outcome BlockClient::Implementation::fetch_window(const BlockAddress& address, std::uint64_t offset,
                                                  const std::stop_token& stop) {
  const auto socket = connection(address.host, stop);
  if (!socket) return tl::unexpected(socket.error());
  const std::string request = encode(BlockRequest{
      .token = options_.token, .name = address.block, .offset = offset, .window = options_.window});
  if (auto sent = send_all(**socket, request, stop); !sent) return sent;
  BlockReplyHead head;
  if (auto got = receive_all(**socket, head.data(), head.size(), stop); !got) return got;
  const auto reply = decode_reply(head);
  if (!reply) return problem(FetchCause::corrupt, "the answer is not one of a block server");
  if (auto good = judge(*reply, address, offset); !good) return good;
  payload_.reserve(reply->payload_size);
  payload_size_ = reply->payload_size;
  if (auto got = receive_all(**socket, payload_.data(), payload_size_, stop); !got) return got;
  if (payload_checksum({payload_.data(), payload_size_}) != reply->checksum) {
    return problem(FetchCause::corrupt, "the checksum does not match");
  }
  return {};
}

Outcome BlockClient::Implementation::judge(const BlockReply& reply, const BlockAddress& address,
                                           std::uint64_t offset) {
  switch (reply.status) {
    case BlockStatus::ok:
      break;
    case BlockStatus::no_such_block:
      return problem(FetchCause::missing, "its host has none");
    case BlockStatus::unreadable:
      return problem(FetchCause::missing, "its host cannot read it");
    case BlockStatus::wrong_token:
      return problem(FetchCause::wrong_token, "");
    case BlockStatus::bad_request:
      return problem(FetchCause::corrupt, "its host does not accept the request");
  }
  if (reply.block_size != address.length) {
    return problem(FetchCause::corrupt, "it has " + std::to_string(reply.block_size) +
                                            " bytes instead of " + std::to_string(address.length));
  }
  if (reply.payload_size == 0 || reply.payload_size > address.length - offset) {
    return problem(FetchCause::corrupt, "its host sent another range than was asked for");
  }
  return {};
}

tl::expected<const Socket*, Problem> BlockClient::Implementation::connection(
    const std::string& host, const std::stop_token& stop) {
  if (stop.stop_requested()) return problem(FetchCause::stopped, "");
  if (const auto found = connections_.find(host); found != connections_.end()) {
    return &found->second;
  }
  auto socket = connect_to(host, options_.timeout, stop);
  if (!socket) return problem(FetchCause::unreachable, socket.error().message);
  if (connections_.size() >= options_.connections_max) connections_.clear();
  return &connections_.emplace(host, std::move(*socket)).first->second;
}

Outcome BlockClient::Implementation::await(const Socket& socket, short events,
                                           const std::stop_token& stop) {
  switch (wait_for(socket, events, options_.timeout, stop)) {
    case WaitOutcome::ready:
      return {};
    case WaitOutcome::timed_out:
      return problem(FetchCause::timed_out, "");
    case WaitOutcome::stopped:
      return problem(FetchCause::stopped, "");
  }
  return {};
}

Outcome BlockClient::Implementation::send_all(const Socket& socket, std::string_view bytes,
                                              const std::stop_token& stop) {
  while (!bytes.empty()) {
    const ssize_t put = send(socket.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno == EAGAIN) {
      if (auto ready = await(socket, POLLOUT, stop); !ready) return ready;
    } else if (errno != EINTR) {
      return problem(FetchCause::unreachable, system_failure("cannot send", errno).value().message);
    }
  }
  return {};
}

Outcome BlockClient::Implementation::receive_all(const Socket& socket, char* into, std::size_t size,
                                                 const std::stop_token& stop) {
  while (size > 0) {
    const ssize_t got = recv(socket.descriptor(), into, size, 0);
    if (got > 0) {
      into += got;
      size -= static_cast<std::size_t>(got);
    } else if (got == 0) {
      return problem(FetchCause::unreachable, "its host closed the connection");
    } else if (errno == EAGAIN) {
      if (auto ready = await(socket, POLLIN, stop); !ready) return ready;
    } else if (errno != EINTR) {
      return problem(FetchCause::unreachable,
                     system_failure("cannot receive", errno).value().message);
    }
  }
  return {};
}

BlockClient::BlockClient(BlockClientOptions options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}

BlockClient::~BlockClient() = default;

tl::expected<void, FetchError> BlockClient::fetch(const BlockAddress& address, const Sink& sink,
                                                  std::stop_token stop) {
  return implementation_->fetch(address, sink, stop);
}

}  // namespace mesolite::data
