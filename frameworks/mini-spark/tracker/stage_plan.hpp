// From lineage to stages: a stage is all that can run without waiting for others, so it begins at
// sources and shuffles and ends at a shuffle or an action.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "frameworks/mini-spark/engine/node.hpp"

namespace mesolite::spark {

// Pure data: what the tracker decides on.
struct StagePlan {
  std::uint64_t node = 0;  // whose run() makes the results; the shuffle's id if it makes one
  std::string name;
  std::vector<std::uint32_t> partitions;  // one task each
  std::vector<std::uint64_t> needs;       // shuffles that it reads
  bool makes_shuffle = false;
  std::vector<std::uint64_t> cached;  // RDDs whose partition n is of use to task n
};

// An RDD that is cached, for people.
struct KeptRdd {
  std::uint64_t rdd = 0;
  std::string name;
  std::string level;  // "memory and disk"
  std::uint32_t partitions = 0;
  MESOLITE_FIELDS(rdd, name, level, partitions);
};

struct PlannedStage {
  StagePlan plan;
  std::shared_ptr<Node> node;
  std::vector<std::string> steps = {};  // names of its RDDs, sources first
  std::vector<KeptRdd> kept = {};
  std::shared_ptr<const std::string> bytes = nullptr;  // for workers, if there are any
};

// The stages up to `target`, parents before children. `partitions`: of the target.
std::vector<PlannedStage> plan_stages(const std::shared_ptr<Node>& target,
                                      std::vector<std::uint32_t> partitions);

// The lineage as indented text, one RDD a line, a step further in at each shuffle.
std::string lineage_text(const Node& node);
// The stages that an action on `node` would run, one a line.
std::string stages_text(const std::shared_ptr<Node>& node);

}  // namespace mesolite::spark
