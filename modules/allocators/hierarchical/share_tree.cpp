#include "share_tree.hpp"

#include "mesolite/base/text.hpp"

namespace mesolite::hierarchical {
namespace {

// Up to so many candidates are compared one by one; of more, the orders kept at the nodes find the
// best without looking at most of them.
constexpr std::size_t compared_max = 32;

}  // namespace

ShareTree::ShareTree() {
  nodes_.emplace_back();
}

// ---- following the ledger
// ------------------------------------------------------------------------

void ShareTree::follow(const Ledger& ledger, const Ledger::News& news) {
  news.roles.for_each([&](Index index) {
    const RoleState& role = ledger.role(index).state;
    if (role.name.empty()) return;  // not told of yet
    const NodeIndex node = ensure_role(role.name);
    nodes_[node].weight = role.weight > 0 ? role.weight : 1;
    nodes_[node].key.share = share_of(ledger, nodes_[node]);
    nodes_[nodes_[node].parent].order.set(nodes_[node].slot, nodes_[node].key);
  });
  news.clients.for_each([&](Index client) { follow_client(ledger, client); });
  if (news.totals) rekey_all(ledger);
}

void ShareTree::follow_client(const Ledger& ledger, Index client) {
  if (leaf_of_.size() <= client) leaf_of_.resize(client + 1, none);
  const Ledger::Client& book = ledger.client(client);
  if (leaf_of_[client] != none) {
    const Node& leaf = nodes_[leaf_of_[client]];
    const bool same = book.exists &&
                      leaf.framework == ledger.framework(book.framework).state.handle &&
                      leaf.role == ledger.role(book.role).state.handle;
    if (!same) remove_leaf(ledger, client);
  }
  if (!book.exists) return;
  if (leaf_of_[client] == none) add_leaf(ledger, client);
  Quantities more = book.held;
  more -= nodes_[leaf_of_[client]].held;
  add_held(ledger, leaf_of_[client], more);
}

void ShareTree::add_leaf(const Ledger& ledger, Index client) {
  const Ledger::Client& book = ledger.client(client);
  const RoleState& role = ledger.role(book.role).state;
  const NodeIndex group = ensure_group(role.name);
  const FrameworkHandle framework = ledger.framework(book.framework).state.handle;
  const NodeIndex index = add_node(group, framework.value);
  Node& leaf = nodes_[index];
  leaf.framework = framework;
  leaf.role = role.handle;
  leaf.client = client;
  for (NodeIndex node = index; node != root; node = nodes_[node].parent) {
    leaf.path.insert(leaf.path.begin(), node);
    nodes_[nodes_[node].parent].clients.insert(client);
  }
  leaf_of_[client] = index;
}

void ShareTree::remove_leaf(const Ledger& ledger, Index client) {
  const NodeIndex index = leaf_of_[client];
  Quantities less;
  less -= nodes_[index].held;
  add_held(ledger, index, less);
  const Node leaf = std::move(nodes_[index]);
  for (NodeIndex node = leaf.parent; node != none; node = nodes_[node].parent) {
    nodes_[node].clients.erase(client);
  }
  Node& parent = nodes_[leaf.parent];
  parent.children[leaf.slot] = none;
  parent.order.remove(leaf.slot);
  parent.slots_free.push_back(leaf.slot);
  nodes_[index] = {};
  nodes_free_.push_back(index);
  leaf_of_[client] = none;
}

void ShareTree::rekey_all(const Ledger& ledger) {
  for (Node& node : nodes_) {
    if (node.parent == none) continue;
    node.key.share = share_of(ledger, node);
    nodes_[node.parent].order.change(node.slot, node.key);
  }
  for (Node& node : nodes_) node.order.replay();
}

void ShareTree::charge(const Ledger& ledger, Index client, const Resources& resources) {
  const NodeIndex leaf = leaf_of_[client];
  for (const NodeIndex node : nodes_[leaf].path) ++nodes_[node].key.allocations;
  add_held(ledger, leaf, Quantities(resources));
}

void ShareTree::add_held(const Ledger& ledger, NodeIndex leaf, const Quantities& more) {
  for (NodeIndex index = leaf; index != root; index = nodes_[index].parent) {
    Node& node = nodes_[index];
    node.held += more;
    node.key.share = share_of(ledger, node);
    nodes_[node.parent].order.set(node.slot, node.key);
  }
}

double ShareTree::share_of(const Ledger& ledger, const Node& node) const {
  const auto counts = [&](std::string_view name) { return ledger.counts(name); };
  return dominant_share(node.held, ledger.total(), counts) / node.weight;
}

// ---- the shape
// -----------------------------------------------------------------------------------

ShareTree::NodeIndex ShareTree::add_node(NodeIndex parent, std::uint64_t order) {
  if (nodes_free_.empty()) {
    nodes_free_.push_back(static_cast<NodeIndex>(nodes_.size()));
    nodes_.emplace_back();
  }
  const NodeIndex index = nodes_free_.back();
  nodes_free_.pop_back();
  Node& above = nodes_[parent];
  if (above.slots_free.empty()) {
    above.slots_free.push_back(static_cast<Slot>(above.children.size()));
    above.children.push_back(none);
  }
  Node& node = nodes_[index];
  node.parent = parent;
  node.slot = above.slots_free.back();
  node.key.order = order;
  above.slots_free.pop_back();
  above.children[node.slot] = index;
  above.order.set(node.slot, node.key);
  return index;
}

ShareTree::NodeIndex ShareTree::ensure_role(std::string_view name) {
  NodeIndex node = root;
  for (const std::string_view part : split(name, '/')) {
    const auto place = nodes_[node].roles.find(part);
    if (place != nodes_[node].roles.end()) {
      node = place->second;
      continue;
    }
    const NodeIndex child = add_node(node, ++arrivals_);
    nodes_[node].roles.emplace(part, child);
    node = child;
  }
  return node;
}

ShareTree::NodeIndex ShareTree::ensure_group(std::string_view role) {
  const NodeIndex node = ensure_role(role);
  if (nodes_[node].group == none) {
    const NodeIndex group = add_node(node, ++arrivals_);
    nodes_[node].group = group;
  }
  return nodes_[node].group;
}

// ---- who is next
// ---------------------------------------------------------------------------------

std::optional<ShareTree::Index> ShareTree::pick(const IndexSet& candidates) const {
  const std::size_t count = candidates.count();
  if (count == 0) return std::nullopt;
  NodeIndex found = none;
  if (count > compared_max) {
    found = descend(root, candidates);
  } else {
    candidates.for_each([&](Index client) {
      const NodeIndex leaf = leaf_of_[client];
      if (found == none || before(leaf, found)) found = leaf;
    });
  }
  return nodes_[found].client;
}

ShareTree::NodeIndex ShareTree::descend(NodeIndex node, const IndexSet& candidates) const {
  while (nodes_[node].path.empty()) {
    const Node& inner = nodes_[node];
    const auto qualifies = [&](Slot slot) {
      const Node& child = nodes_[inner.children[slot]];
      return child.path.empty() ? child.clients.intersects(candidates)
                                : candidates.contains(child.client);
    };
    const auto slot = inner.order.best(qualifies);
    MESOLITE_CHECK(slot.has_value(), "a node that is gone into has a candidate below it");
    node = inner.children[*slot];
  }
  return node;
}

bool ShareTree::before(NodeIndex a, NodeIndex b) const {
  const auto& path_a = nodes_[a].path;
  const auto& path_b = nodes_[b].path;
  // Two leaves part at the latest at themselves.
  for (std::size_t depth = 0;; ++depth) {
    if (path_a[depth] == path_b[depth]) continue;
    return nodes_[path_a[depth]].key < nodes_[path_b[depth]].key;
  }
}

}  // namespace mesolite::hierarchical
