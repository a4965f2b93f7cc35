// ShareTree: who is next under hierarchical dominant resource fairness.
//
//   root ── eng ─┬─ . ─── clients directly in "eng"
//                ├─ web ── . ── clients in "eng/web"
//                └─ db ─── . ── …
//
// Every node keeps what all below it hold, and an order of its children by share; the next client
// is found from the root down, always through the child with the lowest share that has a candidate
// below it. Follows a ledger, whose numbers of clients and roles it uses; owned by the allocator.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mesolite/module/ledger.hpp"
#include "mesolite/module/tournament.hpp"

namespace mesolite::hierarchical {

struct Key {
  double share = 0;
  std::uint64_t allocations = 0;  // ever made
  std::uint64_t order = 0;        // of arrival; unique

  friend auto operator<=>(const Key&, const Key&) = default;
};

class ShareTree {
 public:
  using Index = IndexSet::Index;

  ShareTree();

  // Brings the tree up to date with what has changed in the ledger.
  void follow(const Ledger& ledger, const Ledger::News& news);
  // The candidate whose turn it is.
  std::optional<Index> pick(const IndexSet& candidates) const;
  // The client was given this. The ledger has booked it already.
  void charge(const Ledger& ledger, Index client, const Resources& resources);

  double share(Index client) const { return nodes_[leaf_of_[client]].key.share; }

 private:
  using NodeIndex = std::uint32_t;
  static constexpr NodeIndex root = 0;
  static constexpr NodeIndex none = ~NodeIndex{0};

  using Slot = Tournament<Key>::Slot;

  struct Node {
    NodeIndex parent = none;
    Slot slot = 0;  // among the parent's children
    Key key;
    double weight = 1;
    Quantities held;  // by all clients below
    // Inner nodes:
    std::map<std::string, NodeIndex, std::less<>> roles;  // by the last part of their names
    NodeIndex group = none;                               // ".": the clients directly in this role
    std::vector<NodeIndex> children;                      // by slot; `none` = free
    std::vector<Slot> slots_free;
    Tournament<Key> order;  // of the children
    IndexSet clients;       // all below
    // Leaves:
    std::vector<NodeIndex> path;  // from below the root down to the leaf itself; empty in others
    FrameworkHandle framework;    // whose leaf it is, since the ledger uses numbers again
    RoleHandle role;
    Index client = 0;
  };

  NodeIndex add_node(NodeIndex parent, std::uint64_t order);
  NodeIndex ensure_role(std::string_view name);
  NodeIndex ensure_group(std::string_view role);
  void follow_client(const Ledger& ledger, Index client);
  void add_leaf(const Ledger& ledger, Index client);
  void remove_leaf(const Ledger& ledger, Index client);
  void add_held(const Ledger& ledger, NodeIndex leaf, const Quantities& more);
  void rekey_all(const Ledger& ledger);
  double share_of(const Ledger& ledger, const Node& node) const;
  NodeIndex descend(NodeIndex node, const IndexSet& candidates) const;
  bool before(NodeIndex a, NodeIndex b) const;  // of two leaves

  std::vector<Node> nodes_;
  std::vector<NodeIndex> nodes_free_;
  std::vector<NodeIndex> leaf_of_;  // by client; `none` = has no leaf
  std::uint64_t arrivals_ = 0;
};

}  // namespace mesolite::hierarchical
