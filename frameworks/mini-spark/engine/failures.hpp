// How a task ends when it cannot go on. Thrown inside a task, since users' functions stand between
// where it happens and who must know; all are caught where the task was started, and nowhere else.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "mesolite/base/result.hpp"

namespace mesolite::spark {

// The task failed: a disk, a broken input, a sentence of the user's.
struct TaskFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// An output that the task needs is gone: the map that made it must run again.
struct FetchFailure : std::runtime_error {
  FetchFailure(std::uint64_t shuffle_id, std::uint32_t map_number, const std::string& reason)
      : std::runtime_error(reason), shuffle(shuffle_id), map(map_number) {}

  std::uint64_t shuffle;
  std::uint32_t map;
};

// Nobody wants the task's result any more.
struct TaskStopped : std::runtime_error {
  TaskStopped() : std::runtime_error("stopped") {}
};

// The value of a result, or the end of the task.
template <class T>
T need(Result<T> result) {
  if (!result) throw TaskFailure(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace mesolite::spark
