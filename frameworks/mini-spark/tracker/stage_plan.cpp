#include "frameworks/mini-spark/tracker/stage_plan.hpp"

#include <numeric>
#include <set>
#include <utility>

namespace mesolite::spark {
namespace {

class Planner {
 public:
  std::vector<PlannedStage> stages;

  void add(const std::shared_ptr<Node>& end, std::vector<std::uint32_t> partitions) {
    StagePlan plan;
    plan.node = end->id();
    plan.name = end->name();
    plan.makes_shuffle = end->is_shuffle();
    plan.partitions = std::move(partitions);
    std::set<std::uint64_t> seen;
    std::vector<std::shared_ptr<Node>> shuffles;
    for (const auto& parent : end->parents()) visit(parent, plan, seen, shuffles);
    for (const auto& shuffle : shuffles) add_shuffle(shuffle);
    stages.push_back({std::move(plan), end});
  }

  // As if an action read all of it.
  void add_reader_of(const std::shared_ptr<Node>& node) {
    StagePlan plan;
    plan.name = "action on " + node->name();
    plan.partitions.resize(node->partitions());
    std::set<std::uint64_t> seen;
    std::vector<std::shared_ptr<Node>> shuffles;
    visit(node, plan, seen, shuffles);
    for (const auto& shuffle : shuffles) add_shuffle(shuffle);
    stages.push_back({std::move(plan), node});
  }

 private:
  void add_shuffle(const std::shared_ptr<Node>& shuffle) {
    if (!added_.insert(shuffle->id()).second) return;
    std::vector<std::uint32_t> maps(shuffle->parents().at(0)->partitions());
    std::iota(maps.begin(), maps.end(), 0U);
    add(shuffle, std::move(maps));
  }

  // All that runs within the stage; a shuffle is its beginning.
  void visit(const std::shared_ptr<Node>& node, StagePlan& plan, std::set<std::uint64_t>& seen,
             std::vector<std::shared_ptr<Node>>& shuffles) {
    if (!seen.insert(node->id()).second) return;
    if (node->level() != StorageLevel::none) plan.cached.push_back(node->id());
    if (node->is_shuffle()) {
      plan.needs.push_back(node->id());
      shuffles.push_back(node);
      return;
    }
    for (const auto& parent : node->parents()) visit(parent, plan, seen, shuffles);
  }

  std::set<std::uint64_t> added_;
};

const char* level_text(StorageLevel level) {
  switch (level) {
    case StorageLevel::memory:
      return " [memory]";
    case StorageLevel::memory_and_disk:
      return " [memory and disk]";
    case StorageLevel::disk:
      return " [disk]";
    default:
      return "";
  }
}

void add_lineage(const Node& node, const std::string& indent, std::string& text) {
  text += indent + "(" + std::to_string(node.partitions()) + ") " + node.name() + " #" +
          std::to_string(node.id()) + level_text(node.level()) + "\n";
  const std::string further = indent + (node.is_shuffle() ? "  +-" : " ");
  for (const auto& parent : node.parents()) {
    add_lineage(*parent, parent == node.parents().front() ? further : indent + " ", text);
  }
}

}  // namespace

std::vector<PlannedStage> plan_stages(const std::shared_ptr<Node>& target,
                                      std::vector<std::uint32_t> partitions) {
  Planner planner;
  planner.add(target, std::move(partitions));
  return std::move(planner.stages);
}

std::string lineage_text(const Node& node) {
  std::string text;
  add_lineage(node, "", text);
  return text;
}

std::string stages_text(const std::shared_ptr<Node>& node) {
  Planner planner;
  planner.add_reader_of(node);
  const std::vector<PlannedStage>& stages = planner.stages;
  std::string text;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const StagePlan& plan = stages[i].plan;
    text += "stage " + std::to_string(i + 1) + ": " + plan.name + ", " +
            std::to_string(plan.partitions.size()) + " tasks";
    for (const std::uint64_t need : plan.needs) text += ", reads shuffle #" + std::to_string(need);
    if (plan.makes_shuffle) text += ", makes shuffle #" + std::to_string(plan.node);
    text += "\n";
  }
  return text;
}

}  // namespace mesolite::spark
