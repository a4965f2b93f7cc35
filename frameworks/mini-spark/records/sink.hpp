// How records flow through a stage: pushed in batches. A virtual call is paid once a batch, never
// once a record; within a batch the compiler sees one loop over the user's function.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "frameworks/mini-spark/records/record_buffer.hpp"

namespace mesolite::spark {

// Takes the records of one partition. The batch is valid during the call.
template <class T>
class Sink {
 public:
  virtual ~Sink() = default;
  // Whether more is wanted; once false, pushing more is allowed and does nothing.
  virtual bool push(std::span<const T> records) = 0;
  // The same with all records of the partition, which stay where they are until the task ends.
  virtual bool push_held(std::span<const T> records) { return push(records); }
};

// A sink made of a function that takes a batch and says whether more is wanted.
template <class T, class F>
class FunctionSink final : public Sink<T> {
 public:
  explicit FunctionSink(F& take) : take_(take) {}
  bool push(std::span<const T> records) override { return take_(records); }

 private:
  F& take_;
};

// Collects single records to batches small enough to stay in the first caches.
template <class T>
class Emitter {
 public:
  static constexpr std::size_t batch = std::clamp<std::size_t>(16'384 / sizeof(T), 16, 2'048);

  explicit Emitter(Sink<T>& next) : next_(next) { buffer_.reserve(batch); }

  template <class... Arguments>
  void emit(Arguments&&... arguments) {
    buffer_.emplace_back(std::forward<Arguments>(arguments)...);
    if (buffer_.size() == batch) flush();
  }
  void operator()(T record) { emit(std::move(record)); }

  // What has been emitted first, then this batch, as it is.
  void pass(std::span<const T> records) {
    flush();
    if (open_) open_ = next_.push(records);
  }
  void flush() {
    if (open_ && !buffer_.empty()) open_ = next_.push(buffer_.records());
    buffer_.clear();
  }
  bool open() const { return open_; }

 private:
  Sink<T>& next_;
  RecordBuffer<T> buffer_;
  bool open_ = true;
};

}  // namespace mesolite::spark
