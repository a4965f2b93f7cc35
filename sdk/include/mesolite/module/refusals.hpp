// Refusals: what clients (a framework in a role) have declined of one agent, and until when.
//
// Declining is the commonest thing that schedulers do: 1,000 frameworks that have declined each of
// 10,000 agents leave ten million filters, and a pass must skip them at no cost. Most clients
// decline the same thing, all that is free, so refusals are grouped by what was refused, and each
// group holds its clients as bits: who is left to be asked is a difference of a few words.
//
// A value, owned by a ledger. Clients are numbered by it; a generation tells a client's refusals
// from those that it has withdrawn, or that an earlier client of the same number has left behind.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "mesolite/base/resources.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/module/index_set.hpp"

namespace mesolite {

class Refusals {
 public:
  using Index = IndexSet::Index;

  // The same, or less, is not wanted until then. True if it is a refusal that was not there.
  bool add(Index client, std::uint32_t generation, const Resources& refused, Time until) {
    const std::uint32_t number = group_of(refused);
    Group& group = groups_[number];
    if (group.clients.contains(client)) {
      prolong(client, number, until);
      return false;
    }
    group.clients.insert(client);
    ++group.entries;
    entries_.push_back({until, client, generation, number});
    std::push_heap(entries_.begin(), entries_.end(), later);
    return true;
  }

  // Forgets what a client has refused; answers how much that was. Its generation must grow now.
  std::uint32_t withdraw(Index client) {
    std::uint32_t count = 0;
    for (Group& group : groups_) {
      if (!group.clients.contains(client)) continue;
      group.clients.erase(client);
      ++count;
    }
    return count;
  }

  // Ends what is due and calls ended(client) for each. `generation(client)` is its present one.
  template <class Generation, class Ended>
  void expire(Time now, Generation&& generation, Ended&& ended) {
    while (!entries_.empty() && entries_.front().until <= now) {
      std::pop_heap(entries_.begin(), entries_.end(), later);
      const Entry entry = entries_.back();
      entries_.pop_back();
      Group& group = groups_[entry.group];
      --group.entries;
      if (entry.generation != generation(entry.client)) continue;
      group.clients.erase(entry.client);
      ended(entry.client);
    }
    while (!groups_.empty() && groups_.back().entries == 0) groups_.pop_back();
  }

  std::optional<Time> next_expiry() const {
    return entries_.empty() ? std::nullopt : std::optional(entries_.front().until);
  }

  // Takes out of `clients` all that refuse `offered`, or more.
  void remove_refusing(const Resources& offered, IndexSet& clients) const {
    for (const Group& group : groups_) {
      if (group.entries > 0 && group.refused.contains(offered)) clients -= group.clients;
    }
  }

  // Until when the client refuses it; nothing if it does not. `generation` is its present one.
  std::optional<Time> refused_until(Index client, std::uint32_t generation,
                                    const Resources& offered) const {
    std::optional<Time> until;
    for (const Entry& entry : entries_) {
      if (entry.client != client || entry.generation != generation) continue;
      if (!groups_[entry.group].refused.contains(offered)) continue;
      until = until ? std::max(*until, entry.until) : entry.until;
    }
    return until;
  }

  bool refuses(Index client, const Resources& offered) const {
    return std::any_of(groups_.begin(), groups_.end(), [&](const Group& group) {
      return group.clients.contains(client) && group.refused.contains(offered);
    });
  }

 private:
  struct Group {
    Resources refused;
    IndexSet clients;
    std::uint32_t entries = 0;  // that name it, withdrawn ones too; 0 = the place is free
  };
  struct Entry {
    Time until;
    Index client;
    std::uint32_t generation;
    std::uint32_t group;
  };

  static bool later(const Entry& a, const Entry& b) { return a.until > b.until; }

  std::uint32_t group_of(const Resources& refused) {
    std::size_t number = groups_.size();
    for (std::size_t i = groups_.size(); i-- > 0;) {
      if (groups_[i].entries == 0) {
        number = i;
      } else if (groups_[i].refused == refused) {
        return static_cast<std::uint32_t>(i);
      }
    }
    if (number == groups_.size()) groups_.emplace_back();
    groups_[number] = {refused, {}, 0};
    return static_cast<std::uint32_t>(number);
  }

  // Rare: who has refused is not asked again before that ends.
  void prolong(Index client, std::uint32_t group, Time until) {
    for (Entry& entry : entries_) {
      if (entry.client == client && entry.group == group)
        entry.until = std::max(entry.until, until);
    }
    std::make_heap(entries_.begin(), entries_.end(), later);
  }

  std::vector<Group> groups_;
  std::vector<Entry> entries_;  // heap, earliest in front
};

}  // namespace mesolite
