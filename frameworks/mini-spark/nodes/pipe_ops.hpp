// The operations of PipeNode.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/nodes/pipe.hpp"
#include "frameworks/mini-spark/records/hash.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::spark {

// f(record) -> U
template <class U, class F>
struct MapOp {
  using Out = U;
  F f;
  MESOLITE_PARTS(f)
  auto start(TaskContext&, std::uint32_t) const {
    return batch_run([this](const auto& batch, Emitter<U>& out) {
      for (const auto& record : batch) out.emit(f(record));
    });
  }
};

// f(record) -> bool
template <class T, class F>
struct FilterOp {
  using Out = T;
  F f;
  MESOLITE_PARTS(f)
  auto start(TaskContext&, std::uint32_t) const {
    return batch_run([this](const auto& batch, Emitter<T>& out) {
      for (const T& record : batch) {
        if (f(record)) out.emit(record);
      }
    });
  }
};

// f(record) -> range of U, or f(record, emit) with emit(U) for each
template <class U, class F>
struct FlatMapOp {
  using Out = U;
  F f;
  MESOLITE_PARTS(f)
  auto start(TaskContext&, std::uint32_t) const {
    return batch_run([this](const auto& batch, Emitter<U>& out) {
      for (const auto& record : batch) {
        if constexpr (requires { f(record, out); }) {
          f(record, out);
        } else {
          for (auto&& each : f(record)) out.emit(std::forward<decltype(each)>(each));
        }
      }
    });
  }
};

// f(key, value) -> U for each, the key stays: map_values
template <class K, class U, class F>
struct MapValuesOp {
  using Out = std::pair<K, U>;
  F f;
  MESOLITE_PARTS(f)
  auto start(TaskContext&, std::uint32_t) const {
    return batch_run([this](const auto& batch, Emitter<Out>& out) {
      for (const auto& [key, value] : batch) out.emit(key, f(value));
    });
  }
};

template <class K, class U, class F>
struct FlatMapValuesOp {
  using Out = std::pair<K, U>;
  F f;
  MESOLITE_PARTS(f)
  auto start(TaskContext&, std::uint32_t) const {
    return batch_run([this](const auto& batch, Emitter<Out>& out) {
      for (const auto& [key, value] : batch) {
        for (auto&& each : f(value)) out.emit(key, std::forward<decltype(each)>(each));
      }
    });
  }
};

// Each record with a number: first[partition], then one more each. first: as many as partitions.
template <class T>
struct IndexOp {
  using Out = std::pair<T, std::uint64_t>;
  std::vector<std::uint64_t> first;
  MESOLITE_PARTS(first)
  auto start(TaskContext&, std::uint32_t partition) const {
    return batch_run([next = first.at(partition)](const auto& batch, Emitter<Out>& out) mutable {
      for (const T& record : batch) out.emit(record, next++);
    });
  }
};

// Each record with probability `fraction`, or, with replacement, as often as a Poisson distribution
// says (Knuth, The Art of Computer Programming, volume 2, 3.4.1).
template <class T>
struct SampleOp {
  using Out = T;
  bool replacement = false;
  double fraction = 0;
  std::uint64_t seed = 0;
  MESOLITE_PARTS(replacement, fraction, seed)

  std::uint64_t times(Random& random) const {
    if (!replacement) return random.chance(fraction) ? 1 : 0;
    std::uint64_t count = 0;
    for (double left = random.unit(); left > std::exp(-fraction); left *= random.unit()) ++count;
    return count;
  }
  auto start(TaskContext&, std::uint32_t partition) const {
    return batch_run([this, random = Random(seed + partition * hash_seed)](
                         const auto& batch, Emitter<T>& out) mutable {
      for (const T& record : batch) {
        for (std::uint64_t left = times(random); left > 0; --left) out.emit(record);
      }
    });
  }
};

}  // namespace mesolite::spark
