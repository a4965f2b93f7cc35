// The language between a daemon and the host process of one of its modules, on two socket pairs.
//
//   calls (a stream; the daemon asks, the process answers, one after the other)
//     process: 0, PreflightReport           once it has opened the library, unasked
//     daemon:  0, parameters                make the instance
//     process: status, bytes
//     daemon:  method, request
//     process: status, bytes                status as in manifest.h; of a failure: its sentence
//   news (packets; nobody answers)
//     process: severity, text               a line for the operator's log
//     process: notice_word, bytes           the module calls for its host
//
// The end of either is the end of the other side. Functions of one thread at a time a descriptor.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace mesolite::modules {

// Where the process finds its ends.
inline constexpr int calls_descriptor = 3;
inline constexpr int news_descriptor = 4;

inline constexpr std::uint32_t create_word = 0;  // methods count from 1
inline constexpr std::uint32_t notice_word = 100;

// More than any honest answer: an allocation for every agent of the largest cluster.
inline constexpr std::size_t frame_bytes_max = 256u << 20;
inline constexpr std::size_t news_bytes_max = 64u << 10;

struct Frame {
  std::uint32_t word = 0;
  std::string bytes;
};

enum class FrameProblem : std::uint8_t {
  ended,      // the other side has closed its end
  late,       // the deadline has passed
  oversized,  // what came is no frame of ours, or one that nobody may send
};

using FrameDeadline = std::optional<std::chrono::steady_clock::time_point>;  // none: wait for ever

tl::expected<void, FrameProblem> write_frame(int descriptor, std::uint32_t word,
                                             std::string_view bytes, FrameDeadline deadline = {});
tl::expected<Frame, FrameProblem> read_frame(int descriptor, FrameDeadline deadline = {});

// A packet that does not fit, or for which there is no room now, is dropped: news are worth less
// than the call that is under way.
void write_news(int descriptor, std::uint32_t word, std::string_view bytes);
// The next packet if one waits; `late` if none does.
tl::expected<Frame, FrameProblem> read_news(int descriptor);

}  // namespace mesolite::modules
