// RoleTree: the roles as a tree by their names, with what is consumed at each and the quotas that
// lie on them.
//
//   root ─┬─ eng ─┬─ eng/web        consumption counts at a role and at all above it;
//         │       └─ eng/db         a limit binds a role and all below it;
//         └─ ops                    a guarantee keeps resources free for a role and all below it.
//
// Consumed is what clients of a role hold, unreserved, and all that is reserved to it, held or not.
// What must be kept free at a node is the larger of what its own guarantee lacks and what its
// children's lack together; the root's is what nobody else may be given. Nodes are numbered and
// never removed; those above a named role exist too. A resource of the ledger that owns it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/module/index_set.hpp"
#include "mesolite/module/quantities.hpp"
#include "mesolite/module/room.hpp"

namespace mesolite {

class RoleTree {
 public:
  using Index = IndexSet::Index;
  static constexpr Index root = 0;

  struct Node {
    std::string name;  // the whole path; "" at the root
    Index parent = root;
    std::vector<Index> children;  // in order of their first mention
    IndexSet roles;               // the ledger's numbers of the roles here and below
    IndexSet clients;             // the ledger's numbers of the clients here and below
    IndexSet members;             // of those directly here
    double weight = 1;
    Quantities consumed;
    Quantities guarantee;
    Room limit;                  // of quota
    Room maximum;                // of an allocator's own policy
    Quantities needed;           // to be kept free for the guarantees here and below
    Quantities children_needed;  // the sum of theirs
    bool limited = false;        // a limit or maximum lies here or above
    bool guaranteed = false;     // a guarantee lies here or above
    bool binding = false;        // somebody got less for the limit's sake; until it is loosened
  };

  RoleTree() : nodes_(1) {}
  RoleTree(const RoleTree&) = delete;
  RoleTree& operator=(const RoleTree&) = delete;

  // The node of a role's name; it and those above it are made if they are new.
  Index ensure(std::string_view name);
  const Node& operator[](Index index) const { return nodes_[index]; }
  std::size_t size() const { return nodes_.size(); }  // one past the largest number
  // The topmost node above `index` but for the root.
  Index top(Index index) const;

  void add_role(Index index, Index role);
  void set_weight(Index index, double weight) { nodes_[index].weight = weight; }
  void set_client(Index index, Index client, bool there);
  void set_quota(Index index, const Resources& guarantee, const std::optional<Resources>& limit);
  void set_maximum(Index index, const Room& maximum);
  // Whether any limit, maximum or guarantee is set: if not, there is room for everybody.
  bool bounded() const { return limits_ > 0 || guarantees_ > 0; }

  void charge(Index index, const Quantities& more) { change(index, more, Quantities()); }
  void discharge(Index index, const Quantities& less) { change(index, Quantities(), less); }

  // What the limits and maxima here and above leave.
  Room room(Index index) const;
  // How much of what is kept free is kept for this role: so much may be given to it whatever is
  // still needed.
  Quantities owed(Index index) const;
  const Quantities& needed() const { return nodes_[root].needed; }

  // Somebody in this role was given less than there was, for the sake of limits.
  void bind(Index index);
  // Whether a limit that somebody felt has been loosened since this was asked last.
  bool take_loosened() { return std::exchange(loosened_, false); }
  void touch_all() {
    for (const Index top : nodes_[root].children) changed_.insert(top);
  }
  // Topmost nodes below which room or what is owed has changed since this was asked last.
  IndexSet take_changed() { return std::exchange(changed_, {}); }

 private:
  void change(Index index, const Quantities& more, const Quantities& less);
  void update_needed(Index index);
  void inherit(Index index);
  void settings_changed(Index index);

  std::vector<Node> nodes_;
  std::map<std::string, Index, std::less<>> by_name_;
  std::size_t limits_ = 0;      // nodes with a limit or maximum
  std::size_t guarantees_ = 0;  // nodes with a guarantee
  IndexSet changed_;
  bool loosened_ = false;
};

// ---- the shape ----

inline RoleTree::Index RoleTree::ensure(std::string_view name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  const std::size_t slash = name.rfind('/');
  const Index parent = slash == std::string_view::npos ? root : ensure(name.substr(0, slash));
  const auto index = static_cast<Index>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name = name;
  node.parent = parent;
  nodes_[parent].children.push_back(index);
  by_name_.emplace(name, index);
  inherit(index);
  return index;
}

inline RoleTree::Index RoleTree::top(Index index) const {
  while (index != root && nodes_[index].parent != root) index = nodes_[index].parent;
  return index;
}

inline void RoleTree::add_role(Index index, Index role) {
  for (; index != root; index = nodes_[index].parent) nodes_[index].roles.insert(role);
  nodes_[root].roles.insert(role);
}

inline void RoleTree::set_client(Index index, Index client, bool there) {
  if (nodes_[index].limited || nodes_[index].guaranteed) changed_.insert(top(index));
  nodes_[index].members.set(client, there);
  for (; index != root; index = nodes_[index].parent) nodes_[index].clients.set(client, there);
  nodes_[root].clients.set(client, there);
}

// ---- quota ----

inline void RoleTree::set_quota(Index index, const Resources& guarantee,
                                const std::optional<Resources>& limit) {
  Node& node = nodes_[index];
  const Quantities promised(guarantee);
  const Room bounds = limit ? Room(*limit) : Room();
  if (promised == node.guarantee && bounds == node.limit) return;
  node.guarantee = promised;
  node.limit = bounds;
  settings_changed(index);
}

inline void RoleTree::set_maximum(Index index, const Room& maximum) {
  if (nodes_[index].maximum == maximum) return;
  nodes_[index].maximum = maximum;
  settings_changed(index);
}

// Parents have smaller numbers than their children, so that one pass is enough.
inline void RoleTree::settings_changed(Index index) {
  limits_ = guarantees_ = 0;
  for (Index i = 1; i < nodes_.size(); ++i) {
    limits_ += nodes_[i].limit.bounded() || nodes_[i].maximum.bounded() ? 1 : 0;
    guarantees_ += nodes_[i].guarantee.empty() ? 0 : 1;
    inherit(i);
  }
  changed_.insert(top(index));
  loosened_ = true;
  for (; index != root; index = nodes_[index].parent) update_needed(index);
}

inline void RoleTree::inherit(Index index) {
  Node& node = nodes_[index];
  const Node& parent = nodes_[node.parent];
  node.limited = parent.limited || node.limit.bounded() || node.maximum.bounded();
  node.guaranteed = parent.guaranteed || !node.guarantee.empty();
}

// ---- consumption ----

inline void RoleTree::change(Index index, const Quantities& more, const Quantities& less) {
  if (nodes_[index].limited || nodes_[index].guaranteed) changed_.insert(top(index));
  for (; index != root; index = nodes_[index].parent) {
    Node& node = nodes_[index];
    node.consumed += more;
    node.consumed -= less;
    if (guarantees_ > 0) update_needed(index);
    if (node.binding && !less.empty()) {
      node.binding = false;
      loosened_ = true;
    }
  }
}

inline void RoleTree::update_needed(Index index) {
  Node& node = nodes_[index];
  Quantities needed = larger(excess(node.guarantee, node.consumed), node.children_needed);
  if (needed == node.needed) return;
  Node& parent = nodes_[node.parent];
  parent.children_needed += needed;
  parent.children_needed -= node.needed;
  node.needed = std::move(needed);
  if (node.parent == root) parent.needed = parent.children_needed;
}

inline Room RoleTree::room(Index index) const {
  Room room;
  for (; nodes_[index].limited; index = nodes_[index].parent) {
    const Node& node = nodes_[index];
    for (const Room* bounds : {&node.limit, &node.maximum}) {
      bounds->for_each([&](std::string_view name, std::int64_t most) {
        room.bound(name, most - node.consumed.of(name));
      });
    }
  }
  return room;
}

// Giving x to a role lowers what a node needs by at most what its own guarantee lacks beyond its
// children's, and by what it lowers the child's on the way: the sum of these along the path.
inline Quantities RoleTree::owed(Index index) const {
  Quantities owed;
  for (; nodes_[index].guaranteed; index = nodes_[index].parent) {
    const Node& node = nodes_[index];
    owed += excess(excess(node.guarantee, node.consumed), node.children_needed);
  }
  return owed;
}

inline void RoleTree::bind(Index index) {
  for (; nodes_[index].limited; index = nodes_[index].parent) nodes_[index].binding = true;
}

}  // namespace mesolite
