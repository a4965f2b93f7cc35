// What the author of a MapReduce job implements, with the names and meanings of Hadoop.
//
//   input ─ InputFormat ─> records ─ Mapper ─> pairs ─ Combiner, Partitioner ─> sorted runs
//         ─ shuffle, merge ─> groups ─ Reducer ─> pairs ─ OutputFormat ─> part-r-NNNNN
//
// Each task makes objects of its own, which one thread uses. A failed Status, and an exception too,
// fails the attempt with that sentence; after four failed attempts of a task the job has failed.
// Since an attempt may run again elsewhere, a mapper must give the same pairs for the same split.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/api/counters.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/merge.hpp"

namespace mesolite::hadoop {

using Parameters = std::map<std::string, std::string>;

// Takes the pairs that a mapper, combiner or reducer gives out. Views are copied at once.
class Emitter {
 public:
  virtual ~Emitter() = default;
  virtual void emit(std::string_view key, std::string_view value) = 0;
};

// Outlives every object made for the task.
struct TaskContext {
  const Parameters& parameters;
  Counters& counters;
};

// One record of the input; views are valid until the next one is read.
struct InputRecord {
  std::string_view path;
  std::uint64_t offset = 0;  // of its first byte in the file
  std::string_view value;    // of a text file: the line without its end (LF or CR LF)
};

class Mapper {
 public:
  virtual ~Mapper() = default;
  virtual Status setup(TaskContext&) { return {}; }
  virtual Status map(const InputRecord& record, Emitter& out) = 0;
  virtual Status cleanup(Emitter&) { return {}; }  // after the last record of the split
};

// The values of one key, or of one group of keys in their order.
class Values {
 public:
  virtual ~Values() = default;
  // Moves to the next value; false after the last. What a reducer does not read is skipped.
  virtual bool next() = 0;
  virtual std::string_view value() const = 0;  // valid until next()
  // Of the value at hand: within a group of a grouping comparison keys may differ.
  virtual std::string_view key() const = 0;
};

class Reducer {
 public:
  virtual ~Reducer() = default;
  virtual Status setup(TaskContext&) { return {}; }
  virtual Status reduce(std::string_view key, Values& values, Emitter& out) = 0;
  virtual Status cleanup(Emitter&) { return {}; }
};

// Reduces the pairs of one map before they are spilled: any number of times, also never. It must
// give out the key that it is called with.
using Combiner = Reducer;

class Partitioner {
 public:
  virtual ~Partitioner() = default;
  virtual Status setup(TaskContext&) { return {}; }
  // In [0, partitions).
  virtual std::uint32_t partition(std::string_view key, std::string_view value,
                                  std::uint32_t partitions) const = 0;
};

// The makers of a job's classes; each call gives a fresh object.
template <class T>
using Maker = std::function<std::unique_ptr<T>()>;

class InputFormat;
class OutputFormat;

struct JobClasses {
  Maker<Mapper> mapper;                          // required
  Maker<Reducer> reducer;                        // required, but in a job without reduces
  Maker<Combiner> combiner;                      // none: pairs are spilled as they are
  Maker<Partitioner> partitioner;                // none: by hash of the key
  Maker<InputFormat> input;                      // none: lines of text
  Maker<OutputFormat> output;                    // none: "key<TAB>value" lines
  data::KeyComparison key_comparison = nullptr;  // none: unsigned bytes
  // Which keys make one call of the reducer (none: equal ones). It calls equal what lies side by
  // side in the order of the key comparison, which then sorts the values too: a secondary sort.
  data::KeyComparison grouping = nullptr;
  // Partitions by order instead of by hash, at places found by sampling the input: all parts one
  // after the other are sorted. Takes the place of a partitioner.
  bool total_order = false;
};

}  // namespace mesolite::hadoop
