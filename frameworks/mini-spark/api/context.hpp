// SparkContext: a program's connection to what runs its jobs. Makes RDDs, broadcast values and
// accumulators.
//
// Owned by the program (or by run(), program.hpp); outlives the jobs, not the RDD handles. All
// members may be called from any thread: jobs of several threads run at the same time. What fails
// while a job runs is thrown as SparkError, with one sentence that says where.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/accumulator.hpp"
#include "frameworks/mini-spark/api/broadcast.hpp"
#include "frameworks/mini-spark/api/options.hpp"
#include "frameworks/mini-spark/engine/files.hpp"
#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

// "job 3: stage 5 (reduce_by_key), partition 7, attempt 4 on 10.0.0.7: …"
struct SparkError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
class RDD;
class DriverCore;

class SparkContext {
 public:
  explicit SparkContext(Options options);  // throws SparkError if there is nothing to run on
  ~SparkContext();
  SparkContext(const SparkContext&) = delete;
  SparkContext& operator=(const SparkContext&) = delete;

  const Options& options() const;
  std::uint32_t default_partitions() const;

  // ---- sources; `partitions` 0 = default_partitions() ----
  template <class T>
  RDD<T> parallelize(const std::vector<T>& records, std::uint32_t partitions = 0);
  // first, first + step, … up to but not including `last`. REQUIRES: step != 0.
  RDD<std::int64_t> range(std::int64_t first, std::int64_t last, std::int64_t step = 1,
                          std::uint32_t partitions = 0);
  template <class T>
  RDD<T> empty();
  // Lines of a file, of all files of a directory, or of those that match a pattern ("logs/*.txt").
  RDD<std::string> text_file(const std::string& path, std::uint32_t partitions_min = 0);
  // The same as views into the mapped files: nothing is copied that is not kept. They are valid
  // within their task; collect, shuffles and keys turn them into std::string by themselves.
  RDD<std::string_view> text_views(const std::string& path, std::uint32_t partitions_min = 0);
  RDD<std::pair<std::string, std::string>> whole_text_files(const std::string& path);
  RDD<std::string> binary_records(const std::string& path, std::uint64_t length);
  template <class T>
  RDD<T> object_file(const std::string& path);

  // ---- what tasks share ----
  template <class T>
  Broadcast<T> broadcast(T value) {
    const std::uint64_t id = new_id();
    auto shared = std::make_shared<const T>(std::move(value));
    const auto packed = [shared](std::uint32_t) {
      Packer out;
      pack(out, *shared);
      return out.text();
    };
    DriverValues::of_process().add(id, packed, shared);
    return Broadcast<T>(id);
  }
  template <class T>
  Accumulator<T> accumulator(T start = {}) {
    const std::uint64_t id = new_id();
    AccumulatorTable::of_process().add(
        id, std::make_shared<typename Accumulator<T>::Cell>(std::move(start)));
    return Accumulator<T>(id);
  }

  // Jobs of this thread go into this pool from now on (--pools=fair).
  void set_pool(const std::string& pool, double weight = 1);
  // Where checkpoint() writes; a directory that all workers see.
  void set_checkpoint_directory(const std::string& path);
  const std::string& checkpoint_directory() const;

  // ---- for RDD ----
  static std::uint64_t new_id();  // unique in this process
  NodeSeed seed(std::string name, std::uint32_t partitions,
                std::vector<std::shared_ptr<Node>> parents, Partitioning partitioning = {}) const {
    return {new_id(), std::move(name), partitions, partitioning, std::move(parents)};
  }
  // Tells the workers when nobody can use it any more.
  void adopt(Node& node) const;
  std::vector<std::string> run(std::shared_ptr<Node> action, std::vector<std::uint32_t> partitions);
  void unpersist(Node& node);
  std::vector<FileSplit> splits(const std::string& path, std::uint32_t partitions_min,
                                std::uint64_t unit = 1) const;
  std::vector<FileSplit> whole_files(const std::string& path) const;  // one split each
  std::uint32_t partitions_or_default(std::uint32_t partitions) const {
    return partitions > 0 ? partitions : default_partitions();
  }

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace mesolite::spark
