// The operations of ZipNode on two sides of pairs that lie alike: cogroup and join.
//
// Each makes a table of what it must see at once. When that exceeds the task's memory both sides
// are dealt out by the hash of their keys, and each part is joined by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/nodes/dealer.hpp"
#include "frameworks/mini-spark/nodes/zip.hpp"
#include "frameworks/mini-spark/records/flat_table.hpp"

namespace mesolite::spark {

// One part of what was dealt out, as a side. It can be read once.
template <class T>
class DealtSide final : public Side<T> {
 public:
  DealtSide(Dealer<T>& dealer, std::size_t part) : dealer_(dealer), part_(part) {}
  void read(Sink<T>& sink) const override {
    dealer_.take(part_, [&](const T& record) { sink.push({&record, 1}); });
  }

 private:
  Dealer<T>& dealer_;
  const std::size_t part_;
};

template <class A, class B>
struct DealtSides {
  DealtSides(TaskContext& task, unsigned level) : left(task, level), right(task, level) {}

  // join(left side, right side) for each part.
  template <class Join>
  void each(const Join& join) {
    left.flush();
    right.flush();
    for (std::size_t part = 0; part < Dealer<A>::parts; ++part) {
      join(DealtSide<A>(left, part), DealtSide<B>(right, part));
    }
  }

  Dealer<A> left;
  Dealer<B> right;
};

// All values of each key that one of the sides has.
template <class K, class V, class W>
struct CogroupOp {
  using A = std::pair<K, V>;
  using B = std::pair<K, W>;
  using Groups = std::pair<std::vector<V>, std::vector<W>>;
  using Out = std::pair<K, Groups>;
  MESOLITE_PARTS()

  void run(TaskContext& task, const Side<A>& left, const Side<B>& right, Emitter<Out>& out) const {
    group(task, left, right, out, 0);
  }

 private:
  struct Table {
    FlatTable<K, Groups> groups;
    std::size_t pointed_to = 0;

    Groups& of(const K& key) {
      const auto [found, made] = groups.find_or_create(key, hash_of(key), [] { return Groups(); });
      if (made) pointed_to += memory_of(key) - sizeof(K);
      return *found;
    }
    // `side`: which of the two vectors.
    template <class Record, class Values>
    void add(const Record& record, Values Groups::*side) {
      (of(record.first).*side).push_back(record.second);
      pointed_to += grown_by * memory_of(record.second);
    }
    std::size_t memory() const { return groups.memory() + pointed_to; }
    void deal_out(DealtSides<A, B>& dealt) const {
      for (const auto& [key, values] : groups.entries()) {
        const std::uint64_t hash = hash_of(key);
        for (const V& value : values.first) dealt.left.add({key, value}, hash);
        for (const W& value : values.second) dealt.right.add({key, value}, hash);
      }
    }
    static constexpr std::size_t grown_by = 2;  // room that a vector may have beyond its elements
  };

  static void group(TaskContext& task, const Side<A>& left, const Side<B>& right, Emitter<Out>& out,
                    unsigned level) {
    Table table;
    std::optional<DealtSides<A, B>> dealt;
    const auto add = [&](const auto& record, auto values, auto dealer) {
      if (dealt) return ((*dealt).*dealer).add(record, hash_of(record.first));
      table.add(record, values);
      if (table.memory() <= task.memory() || level == Dealer<A>::levels) return;
      dealt.emplace(task, level);
      table.deal_out(*dealt);
      table = {};
    };
    left([&](std::span<const A> batch) {
      for (const A& record : batch) add(record, &Groups::first, &DealtSides<A, B>::left);
      return true;
    });
    right([&](std::span<const B> batch) {
      for (const B& record : batch) add(record, &Groups::second, &DealtSides<A, B>::right);
      return true;
    });
    if (!dealt) return out.pass(table.groups.entries());
    dealt->each([&](const Side<A>& lefts, const Side<B>& rights) {
      if (out.open()) group(task, lefts, rights, out, level + 1);
    });
  }
};

// f(key, v, w, emit) for each pair of values of equal keys. The left streams past a table of the
// right, so the left may be the large side.
template <class K, class V, class W, class U, class F>
struct JoinOp {
  using A = std::pair<K, V>;
  using B = std::pair<K, W>;
  using Out = U;
  F f;
  MESOLITE_PARTS(f)

  void run(TaskContext& task, const Side<A>& left, const Side<B>& right, Emitter<Out>& out) const {
    join(task, left, right, out, 0);
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct Table {
    FlatTable<K, std::uint32_t> newest;                // number of the key's latest value
    RecordBuffer<std::pair<W, std::uint32_t>> values;  // with the number of the one before
    std::size_t pointed_to = 0;

    void add(const B& record) {
      const auto [last, made] =
          newest.find_or_create(record.first, hash_of(record.first), [] { return none; });
      const auto number = static_cast<std::uint32_t>(values.size());
      values.emplace_back(record.second, std::exchange(*last, number));
      if constexpr (!Bits<K>) pointed_to += made ? memory_of(record.first) - sizeof(K) : 0;
      if constexpr (!Bits<W>) pointed_to += memory_of(record.second) - sizeof(W);
    }
    std::size_t memory() const { return newest.memory() + values.memory() + pointed_to; }
    void deal_out(Dealer<B>& dealer) const {
      for (const auto& [key, last] : newest.entries()) {
        const std::uint64_t hash = hash_of(key);
        for (std::uint32_t at = last; at != none; at = values[at].second) {
          dealer.add({key, values[at].first}, hash);
        }
      }
    }
  };

  void join(TaskContext& task, const Side<A>& left, const Side<B>& right, Emitter<Out>& out,
            unsigned level) const {
    Table table;
    std::optional<DealtSides<A, B>> dealt;
    right([&](std::span<const B> batch) {
      for (const B& record : batch) {
        if (dealt) {
          dealt->right.add(record, hash_of(record.first));
          continue;
        }
        table.add(record);
        if (table.memory() <= task.memory() || level == Dealer<B>::levels) continue;
        dealt.emplace(task, level);
        table.deal_out(dealt->right);
        table = {};
      }
      return true;
    });
    if (!dealt) return probe(table, left, out);
    left([&](std::span<const A> batch) {
      for (const A& record : batch) dealt->left.add(record, hash_of(record.first));
      return true;
    });
    dealt->each([&](const Side<A>& lefts, const Side<B>& rights) {
      if (out.open()) join(task, lefts, rights, out, level + 1);
    });
  }

  void probe(Table& table, const Side<A>& left, Emitter<Out>& out) const {
    left([&](std::span<const A> batch) {
      for (const auto& [key, value] : batch) {
        const std::uint32_t* const last = table.newest.find(key, hash_of(key));
        for (std::uint32_t at = last != nullptr ? *last : none; at != none;
             at = table.values[at].second) {
          f(key, value, table.values[at].first, out);
        }
      }
      return out.open();
    });
  }
};

}  // namespace mesolite::spark
