// LedgerExplainer: why a client is not offered this or that agent, in words, out of a ledger. Each
// agent counts once, for the first of these that holds of it:
//
//   not active · has GPUs that the framework cannot use · too small as a whole · reserved to others
//   · beyond a limit · kept for others' guarantees · held already (by itself, by others) · refused
//   · too little to be worth an offer · free
//
// Costs a walk over all agents; on demand only. A value that lives for one question.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/module/ledger.hpp"

namespace mesolite {

class LedgerExplainer {
 public:
  using Index = Ledger::Index;

  // `wants`: of one agent; empty = anything that is worth an offer. The ledger outlives it.
  LedgerExplainer(const Ledger& ledger, Index client, const Resources& wants)
      : ledger_(ledger), client_(client), wants_(wants) {}

  std::vector<ExplainReason> reasons() {
    const std::string all = of_all();
    std::uint64_t agents = 0;
    for (Index agent = 0; agent < ledger_.agents_size(); ++agent) {
      if (!ledger_.agent(agent).exists) continue;
      ++agents;
      if (all.empty()) look_at(agent);
    }
    std::vector<ExplainReason> reasons;
    if (!all.empty()) reasons.push_back({agents, all});
    if (all.empty() && agents == 0) reasons.push_back({0, "are registered"});
    for (const auto& [key, group] : groups_) reasons.push_back({group.agents, words(key, group)});
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const auto& a, const auto& b) { return a.agents > b.agents; });
    return reasons;
  }

 private:
  enum class Why {
    inactive,
    gpus,
    small,
    reserved,
    limit,
    guarantees,
    held_by_itself,
    held,
    refused,
    minimum,
    free
  };
  using Key = std::pair<Why, std::string>;  // with the resource that it is about, if it is one's
  struct Group {
    std::uint64_t agents = 0;
    std::int64_t best = 0;      // the most that one of them has of the resource
    std::optional<Time> until;  // the last of the refusals
  };

  void look_at(Index index) {
    Finding finding = find(ledger_.agent(index), index);
    Group& group = groups_[finding.key];
    ++group.agents;
    group.best = std::max(group.best, finding.has);
    if (finding.until) group.until = std::max(group.until, finding.until);
  }

  struct Finding {
    Key key;
    std::int64_t has = 0;
    std::optional<Time> until = std::nullopt;
  };

  Finding find(const Ledger::Agent& agent, Index index) const {
    const Ledger::Client& client = ledger_.client(client_);
    if (!agent.state.active) return {{Why::inactive, ""}};
    if (agent.has_gpus && ledger_.settings().filter_gpu_resources &&
        !ledger_.has(client, FrameworkCapability::gpu_resources)) {
      return {{Why::gpus, ""}};
    }
    if (const std::string name = lacking(agent.state.total); !name.empty()) {
      return {{Why::small, name}, agent.state.total.scalar(name)};
    }
    const Resources usable = ledger_.usable(agent.state.total, index, client_);
    if (const std::string name = lacking(usable); !name.empty()) {
      return {{Why::reserved, name}, usable.scalar(name)};
    }
    const Resources part = ledger_.usable(agent.free, index, client_);
    const Resources limited = ledger_.within_limits(client_, usable);
    if (const std::string name = lacking(limited); !name.empty()) return {{Why::limit, name}};
    if (const std::string name = lacking(part); !name.empty()) return held(agent, name, part);
    const Resources within =
        ledger_.beside_guarantees(client_, ledger_.within_limits(client_, part));
    if (const std::string name = lacking(within); !name.empty()) return {{Why::guarantees, name}};
    const auto until = agent.refusals.refused_until(client_, client.generation, within);
    if (until) return {{Why::refused, ""}, 0, until};
    if (!ledger_.worth_offering(within)) return {{Why::minimum, ""}};
    return {{Why::free, ""}};
  }

  Finding held(const Ledger::Agent& agent, const std::string& name, const Resources& part) const {
    const bool itself =
        std::any_of(agent.parts.begin(), agent.parts.end(), [&](const Ledger::Part& each) {
          return ledger_.client(each.client).framework == ledger_.client(client_).framework &&
                 lacking(part + each.resources) != name;
        });
    return {{itself ? Why::held_by_itself : Why::held, name}, part.scalar(name)};
  }

  // The first name of which there is not as much as is wanted, or "" if there is enough of all.
  std::string lacking(const Resources& resources) const {
    if (wants_.empty()) return ledger_.worth_offering(resources) ? "" : "anything";
    std::string lacking;
    Quantities(wants_).for_each([&](std::string_view name, std::int64_t amount) {
      if (lacking.empty() && resources.scalar(name) < amount) lacking = name;
    });
    if (!lacking.empty()) return lacking;
    for (const Resource& resource : wants_.others()) {
      if (resource.kind == ResourceKind::ranges &&
          !resources.ranges(resource.key.name).contains(resource.ranges)) {
        return resource.key.name;
      }
    }
    return "";
  }

  // What keeps all agents alike from the client, or "".
  std::string of_all() const {
    const Ledger::Client& client = ledger_.client(client_);
    const std::string& role = ledger_.role(client.role).state.name;
    if (!ledger_.framework(client.framework).state.active) {
      return "wait: the framework is not connected";
    }
    if (!client.subscribed) return "wait: the framework is not in role " + role;
    if (client.suppressed) return "wait: the framework has suppressed role " + role;
    return "";
  }

  std::string words(const Key& key, const Group& group) const;
  std::string wanted(const std::string& name) const {
    const std::int64_t amount = wants_.scalar(name);
    return amount > 0 ? thousandths_to_text(amount) : wants_.ranges(name).to_text();
  }
  // ": wants 4096, best has 3100"
  std::string compared(const std::string& name, const Group& group, std::string_view has) const {
    if (wants_.empty()) return "";
    return ": wants " + wanted(name) + ", best has " + thousandths_to_text(group.best) +
           std::string(has);
  }
  std::string limit_words(const std::string& name) const;

  const Ledger& ledger_;
  const Index client_;
  const Resources& wants_;
  std::map<Key, Group> groups_;
};

// "role eng is at its limit of 40 cpus": of the role or the one above it that leaves the least of
// the resource, or of any.
inline std::string LedgerExplainer::limit_words(const std::string& resource) const {
  const RoleTree& tree = ledger_.tree();
  std::string words;
  std::int64_t least = Room::unlimited;
  const auto consider = [&](const RoleTree::Node& node, std::string_view kind, const Room& room) {
    room.for_each([&](std::string_view name, std::int64_t most) {
      const std::int64_t left = std::max<std::int64_t>(most - node.consumed.of(name), 0);
      if ((resource != "anything" && resource != name) || left >= least) return;
      least = left;
      words = "role " + node.name + (left > 0 ? " is near its " : " is at its ") +
              std::string(kind) + " of " + thousandths_to_text(most) + " " + std::string(name);
    });
  };
  RoleTree::Index index = ledger_.role(ledger_.client(client_).role).node;
  for (; tree[index].limited; index = tree[index].parent) {
    consider(tree[index], "limit", tree[index].limit);
    consider(tree[index], "maximum", tree[index].maximum);
  }
  return words;
}

inline std::string LedgerExplainer::words(const Key& key, const Group& group) const {
  const auto& [why, name] = key;
  const std::string lack = name == "anything" ? "a part worth an offer" : name;
  switch (why) {
    case Why::inactive:
      return "are not active: disconnected, deactivated or draining";
    case Why::gpus:
      return "have gpus, which are kept for frameworks with the capability gpu_resources";
    case Why::small:
      return "lack " + lack + compared(name, group, "");
    case Why::reserved:
      return "have " + lack + " reserved to other roles" + compared(name, group, " for this one");
    case Why::limit:
      return "are beyond quota: " + limit_words(name);
    case Why::guarantees:
      return "are kept free: " + lack + " is guaranteed to other roles that lack it";
    case Why::held_by_itself:
      return "are offered to or used by the framework itself" + compared(name, group, " free");
    case Why::held:
      return "are offered to or used by others" + compared(name, group, " free");
    case Why::refused:
      return "filtered by the framework until " + to_text(*group.until);
    case Why::minimum:
      return "have too little free to be worth an offer";
    case Why::free:
      return "are free for it: it is asked when its turn comes";
  }
  return "";
}

}  // namespace mesolite
