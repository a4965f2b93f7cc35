// The part of Ledger that keeps to quota: limits are never exceeded, and what is guaranteed is kept
// free until it is asked for. Included by ledger.hpp, not by anyone else.
#pragma once

#include <algorithm>

#include "mesolite/module/ledger.hpp"

namespace mesolite {

// Puts a role at its place in the tree, together with what its clients hold. Until its name is told
// that is a node without a name.
inline void Ledger::place_role(Role& role) {
  const RoleTree::Index node = tree_.ensure(role.state.name);
  if (node == role.node) return;
  role.clients.for_each([&](Index client) {
    tree_.discharge(role.node, clients_[client].consumed);
    tree_.set_client(role.node, client, false);
    tree_.charge(node, clients_[client].consumed);
    tree_.set_client(node, client, true);
  });
  role.node = node;
  tree_.add_role(node, static_cast<Index>(&role - roles_.data()));
}

// Of an agent's total: what is reserved to a role is consumed by it, held or not.
inline void Ledger::count_reserved(const Resources& less, const Resources& more) {
  const auto count = [this](const Resources& resources, auto&& change) {
    for (const Resource& resource : resources.others()) {
      if (!resource.key.reserved() || resource.kind != ResourceKind::scalar) continue;
      Quantities amount;
      amount.set(resource.key.name, resource.amount);
      change(tree_.ensure(resource.key.role()), amount);
    }
  };
  count(more, [this](RoleTree::Index node, const Quantities& part) { tree_.charge(node, part); });
  count(less,
        [this](RoleTree::Index node, const Quantities& part) { tree_.discharge(node, part); });
}

inline void Ledger::set_maximum(std::string_view role, const Room& maximum) {
  tree_.set_maximum(tree_.ensure(role), maximum);
}

inline const IndexSet& Ledger::owed() {
  refresh_quota();
  return owed_;
}

inline void Ledger::refresh_quota() {
  tree_.take_changed().for_each([&](RoleTree::Index top) {
    tree_[top].roles.for_each([&](Index index) {
      const Role& role = roles_[index];
      exhausted_ -= role.clients;
      owed_ -= role.clients;
      if (tree_[role.node].limited && !worth_offering(tree_.room(role.node))) {
        exhausted_ |= role.clients;
        tree_.bind(role.node);
      }
      if (tree_[role.node].guaranteed && !tree_.owed(role.node).empty()) owed_ |= role.clients;
    });
  });
}

inline void Ledger::keep_within_quota(IndexSet& result) {
  refresh_quota();
  result -= exhausted_;
  if (tree_.needed().empty()) return;
  const Room left = surplus();
  if (worth_offering(left)) return;
  result &= owed_;
  surplus_felt_ = left;
}

// What is free beyond what is needed for guarantees, of those names that are needed.
inline Room Ledger::surplus() const {
  Room surplus;
  tree_.needed().for_each([&](std::string_view name, std::int64_t needed) {
    surplus.bound(name, headroom_.of(name) - needed);
  });
  return surplus;
}

inline Resources Ledger::within_limits(Index client, const Resources& part) const {
  return tree_.room(node_of(client)).cut(part);
}

inline Resources Ledger::beside_guarantees(Index client, const Resources& part) const {
  const Quantities owed = tree_.owed(node_of(client));
  Room room;
  surplus().for_each([&](std::string_view name, std::int64_t amount) {
    room.bound(name, amount + owed.of(name));
  });
  return room.cut(part);
}

inline Resources Ledger::cut(Index client, const Resources& part) {
  Resources within = within_limits(client, part);
  if (within != part) tree_.bind(node_of(client));
  if (tree_.needed().empty()) return within;
  Resources rest = beside_guarantees(client, within);
  if (rest != within) surplus_felt_ = surplus();
  return rest;
}

// Whether somebody who got less for the sake of quota may get more now.
inline bool Ledger::quota_loosened() {
  bool loosened = tree_.take_loosened();
  if (surplus_felt_) {
    bool more = false;
    surplus_felt_->for_each([&](std::string_view name, std::int64_t then) {
      more = more || headroom_.of(name) - tree_.needed().of(name) > then;
    });
    if (more) surplus_felt_.reset();
    loosened = loosened || more;
  }
  return loosened;
}

// Whether so much room lets through anything that is worth an offer.
inline bool Ledger::worth_offering(const Room& room) const {
  if (room.of("cpus") == 0 || room.of("mem") == 0) return false;
  const auto& minimum = settings_.minimum_allocatable;
  const auto fits = [&](const Resources& least) {
    bool all = true;
    Quantities(least).for_each(
        [&](std::string_view name, std::int64_t wanted) { all = all && room.of(name) >= wanted; });
    return all;
  };
  return minimum.empty() || std::any_of(minimum.begin(), minimum.end(), fits);
}

}  // namespace mesolite
