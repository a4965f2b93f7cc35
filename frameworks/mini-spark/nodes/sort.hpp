// SortPolicy: ranges of keys to the partitions, each partition sorted: sort_by, sort_by_key.
//
// What exceeds the task's memory is sorted in runs, written to files and merged. Stable within a
// partition's input order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/nodes/shuffle.hpp"

namespace mesolite::spark {

// A sorted run in a file, read record by record.
template <class T>
class SortedRun {
 public:
  SortedRun(std::unique_ptr<ChunkFile> file, std::vector<ByteRange> chunks)
      : file_(std::move(file)), chunks_(std::move(chunks)) {}

  // Moves to the next record; false at the end.
  bool next() {
    if (!in_.more()) {
      if (chunk_ == chunks_.size()) return false;
      file_->read(chunks_[chunk_++], [this](std::string_view bytes) { bytes_ = bytes; });
      in_ = Unpacker(bytes_);
    }
    unpack(in_, record_);
    if (in_.failed()) throw TaskFailure("the records of a sorted run are damaged");
    return true;
  }
  const T& record() const { return record_; }

 private:
  std::unique_ptr<ChunkFile> file_;
  std::vector<ByteRange> chunks_;
  std::size_t chunk_ = 0;
  std::string bytes_;
  Unpacker in_{{}};
  T record_{};
};

// Sorts what is added, of any size. before(a, b) orders.
template <class T, class Before>
class ExternalSorter {
 public:
  ExternalSorter(TaskContext& task, Before before) : task_(task), before_(std::move(before)) {}

  void add(const T& record) {
    records_.emplace_back(record);
    memory_ += sizeof(T) + sizeof(T) / 2;  // a stable sort takes half as much again
    if constexpr (!Bits<T>) memory_ += memory_of(record) - sizeof(T);
    if (memory_ > task_.memory()) spill();
  }
  void finish(Sink<T>& sink) {
    if (runs_.empty()) {
      sort();
      if (!records_.empty()) sink.push(std::as_const(records_).records());
      return;
    }
    spill();
    merge(sink);
  }

 private:
  void sort() {
    const auto all = records_.records();
    std::stable_sort(all.begin(), all.end(), before_);
  }
  void spill() {
    task_.throw_if_stopped();
    sort();
    auto file = task_.environment().shuffles.new_file("run");
    std::vector<ByteRange> chunks;
    Packer chunk;
    const auto write = [&] {
      if (chunk.size() > 0) chunks.push_back(file->append(chunk.view()));
      chunk.clear();
    };
    for (const T& record : records_.records()) {
      pack(chunk, record);
      if (chunk.size() >= chunk_size) write();
    }
    write();
    file->finish();
    runs_.push_back(std::make_unique<SortedRun<T>>(std::move(file), std::move(chunks)));
    task_.metrics.spilled += memory_;
    records_.clear();
    memory_ = 0;
  }
  void merge(Sink<T>& sink) {
    // The run whose record comes first on top; equal records in the order of the runs.
    const auto after = [this](std::size_t a, std::size_t b) {
      if (before_(runs_[a]->record(), runs_[b]->record())) return false;
      return before_(runs_[b]->record(), runs_[a]->record()) || a > b;
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(after)> heads(after);
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      if (runs_[run]->next()) heads.push(run);
    }
    Emitter<T> out(sink);
    while (!heads.empty() && out.open()) {
      const std::size_t run = heads.top();
      heads.pop();
      out.emit(runs_[run]->record());
      if (runs_[run]->next()) heads.push(run);
    }
    out.flush();
  }

  TaskContext& task_;
  const Before before_;
  RecordBuffer<T> records_;
  std::uint64_t memory_ = 0;
  std::vector<std::unique_ptr<SortedRun<T>>> runs_;
};

// key(record) orders, by <.
template <class T, class KeyOf>
struct SortPolicy {
  using In = T;
  using Out = owned_t<T>;
  using Key = std::decay_t<std::invoke_result_t<const KeyOf&, const Out&>>;
  KeyOf key;
  ByRange<Key> part;
  MESOLITE_PARTS(key, part)

  struct Run {
    const SortPolicy& policy;
    MapOutputWriter& writer;
    void operator()(std::span<const In> batch) {
      for (const In& record : batch) {
        const std::uint32_t to = policy.part(policy.key(record), 0, writer.partitions());
        pack(writer.open(to), record);
        writer.record_ended(to);
      }
    }
    void finish() {}
  };
  Run map_side(MapOutputWriter& writer) const { return {*this, writer}; }

  void reduce(TaskContext& task, const ShuffleInput& input, Sink<Out>& sink) const {
    const auto before = [this](const Out& a, const Out& b) {
      return part.ascending ? key(a) < key(b) : key(b) < key(a);
    };
    ExternalSorter<Out, decltype(before)> sorter(task, before);
    input.each<Out>(task, [&](const Out& record) { sorter.add(record); });
    sorter.finish(sink);
  }
};

}  // namespace mesolite::spark
