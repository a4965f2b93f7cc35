#include "frameworks/mini-spark/tracker/stage_plan.hpp"

#include <numeric>
#include <set>
#include <utility>

namespace mesolite::spark {
namespace {

std::string level_text(StorageLevel level) {
  switch (level) {
    case StorageLevel::memory:
      return "memory";
    case StorageLevel::memory_and_disk:
      return "memory and disk";
    case StorageLevel::disk:
      return "disk";
    default:
      return "";
  }
}

class Planner {
 public:
  std::vector<PlannedStage> stages;

  void add(const std::shared_ptr<Node>& end, std::vector<std::uint32_t> partitions) {
    Draft draft;
    draft.stage.node = end;
    StagePlan& plan = draft.stage.plan;
    plan.node = end->id();
    plan.name = end->name();
    plan.makes_shuffle = end->is_shuffle();
    plan.partitions = std::move(partitions);
    for (const auto& parent : end->parents()) visit(parent, draft);
    draft.stage.steps.push_back(end->name());
    finish(std::move(draft));
  }

  // As if an action read all of it.
  void add_reader_of(const std::shared_ptr<Node>& node) {
    Draft draft;
    draft.stage.node = node;
    draft.stage.plan.name = "action on " + node->name();
    draft.stage.plan.partitions.resize(node->partitions());
    visit(node, draft);
    finish(std::move(draft));
  }

 private:
  struct Draft {
    PlannedStage stage;
    std::set<std::uint64_t> seen;
    std::vector<std::shared_ptr<Node>> shuffles;  // that it reads
  };

  void finish(Draft draft) {
    for (const auto& shuffle : draft.shuffles) add_shuffle(shuffle);
    stages.push_back(std::move(draft.stage));
  }

  void add_shuffle(const std::shared_ptr<Node>& shuffle) {
    if (!added_.insert(shuffle->id()).second) return;
    std::vector<std::uint32_t> maps(shuffle->parents().at(0)->partitions());
    std::iota(maps.begin(), maps.end(), 0U);
    add(shuffle, std::move(maps));
  }

  // All that runs within the stage; a shuffle is its beginning.
  void visit(const std::shared_ptr<Node>& node, Draft& draft) {
    if (!draft.seen.insert(node->id()).second) return;
    PlannedStage& stage = draft.stage;
    if (node->level() != StorageLevel::none) {
      stage.plan.cached.push_back(node->id());
      stage.kept.push_back(
          {node->id(), node->name(), level_text(node->level()), node->partitions()});
    }
    if (node->is_shuffle()) {
      stage.plan.needs.push_back(node->id());
      draft.shuffles.push_back(node);
    } else {
      for (const auto& parent : node->parents()) visit(parent, draft);
    }
    stage.steps.push_back(node->name());
  }

  std::set<std::uint64_t> added_;
};

std::string kept_text(const Node& node) {
  return node.level() == StorageLevel::none ? "" : " [" + level_text(node.level()) + "]";
}

// What is used twice is told once: a lineage of n steps can have 2^n ways back.
void add_lineage(const Node& node, const std::string& indent, std::set<std::uint64_t>& told,
                 std::string& text) {
  const bool again = !told.insert(node.id()).second && !node.parents().empty();
  text += indent + "(" + std::to_string(node.partitions()) + ") " + node.name() + " #" +
          std::to_string(node.id()) + kept_text(node) + (again ? ", see above\n" : "\n");
  if (again) return;
  const std::string further = indent + (node.is_shuffle() ? "  +-" : " ");
  for (const auto& parent : node.parents()) {
    add_lineage(*parent, parent == node.parents().front() ? further : indent + " ", told, text);
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
  std::set<std::uint64_t> told;
  add_lineage(node, "", told, text);
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
    text += "\n   ";
    for (const std::string& step : stages[i].steps) text += " " + step;
    text += "\n";
  }
  return text;
}

}  // namespace mesolite::spark
