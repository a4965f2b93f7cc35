// CombinePolicy: the values of each key become one: combine_by_key and all that follows from it.
//
// Map side: a table of bounded size combines what comes soon after one another; a task whose first
// tableful shows that keys hardly repeat stops trying. Reduce side: a table; when it exceeds the
// task's memory it is dealt out to files, and each is combined by itself (dealer.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "frameworks/mini-spark/nodes/dealer.hpp"
#include "frameworks/mini-spark/nodes/shuffle.hpp"
#include "frameworks/mini-spark/records/flat_table.hpp"

namespace mesolite::spark {

// create(v) -> C; merge(C&, v); combine(C&, C&&)
template <class K, class V, class C, class Functions, class Part, bool map_side_combine>
struct CombinePolicy {
  using In = std::pair<K, V>;
  using Key = owned_t<K>;
  using Out = std::pair<Key, C>;
  // What travels: combined or single values.
  using Sent = std::conditional_t<map_side_combine, C, owned_t<V>>;

  Functions functions;
  Part part;
  MESOLITE_PARTS(functions, part)

  class Run {
   public:
    Run(const CombinePolicy& policy, MapOutputWriter& writer) : policy_(policy), writer_(writer) {}

    void operator()(std::span<const In> batch) {
      if constexpr (map_side_combine) {
        if (combining_) return combine(batch);
        for (const auto& [key, value] : batch) {
          send(key, hash_of(key), policy_.functions.create(value));
        }
      } else {
        for (const auto& [key, value] : batch) send(key, hash_of(key), value);
      }
    }
    void finish() { flush(); }

   private:
    static constexpr std::size_t table_max = 32'768;

    void combine(std::span<const In> batch) {
      records_ += batch.size();
      add_ahead(batch, table_, [this](const In& record, std::uint64_t hash) {
        const auto [found, made] = table_.find_or_create(
            record.first, hash, [&] { return policy_.functions.create(record.second); });
        if (!made) policy_.functions.merge(*found, record.second);
      });
      if (table_.size() < table_max) return;
      combining_ = records_ > table_.size() * 3 / 2;
      flush();
    }
    void flush() {
      if constexpr (map_side_combine) {
        for (const auto& [key, value] : table_.entries()) send(key, hash_of(key), value);
        table_.clear();
        records_ = 0;
      }
    }
    template <class Value>
    void send(const K& key, std::uint64_t hash, const Value& value) {
      const std::uint32_t to = policy_.part(key, hash, writer_.partitions());
      Packer& out = writer_.open(to);
      pack(out, key);
      pack(out, value);
      writer_.record_ended(to);
    }

    const CombinePolicy& policy_;
    MapOutputWriter& writer_;
    FlatTable<K, C> table_;
    std::uint64_t records_ = 0;  // that went into the table
    bool combining_ = true;
  };
  Run map_side(MapOutputWriter& writer) const { return Run(*this, writer); }

  // The table of one partition, or of a part of it.
  class Reduce {
   public:
    Reduce(const CombinePolicy& policy, TaskContext& task, Sink<Out>& sink, unsigned level)
        : policy_(policy), task_(task), sink_(sink), level_(level) {
      if (level < Dealer<Out>::levels) dealer_.emplace(task, level);
    }

    // Record: std::pair<Key, Sent>, which may be const where nothing is taken apart.
    template <class Record>
    void add_sent(std::span<Record> records) {
      add_ahead(records, table_, [this](Record& record, std::uint64_t hash) {
        if constexpr (map_side_combine) {
          add(record, hash);
        } else {
          const auto& functions = policy_.functions;
          const std::size_t weight = weight_of(record);
          const auto [found, made] = table_.find_or_create(
              record.first, hash, [&] { return functions.create(record.second); });
          if (!made) functions.merge(*found, record.second);
          count(weight, made);
        }
      });
    }
    void add(Out& record, std::uint64_t hash) {
      const std::size_t weight = weight_of(record);
      const auto [found, made] =
          table_.find_or_create(record.first, hash, [&] { return std::move(record.second); });
      if (!made) policy_.functions.combine(*found, std::move(record.second));
      count(weight, made);
    }

    void finish() {
      if (!dealer_ || dealer_->empty()) {
        if (table_.size() > 0) sink_.push(table_.entries());
        return;
      }
      deal_out();
      for (std::size_t part = 0; part < Dealer<Out>::parts; ++part) {
        const auto rest = std::make_unique<Reduce>(policy_, task_, sink_, level_ + 1);
        dealer_->take(part, [&](Out& record) { rest->add(record, hash_of(record.first)); });
        rest->finish();
      }
    }

   private:
    // Beyond the entry itself: what the key points to, and what the value may add to another.
    template <class Record>
    static std::size_t weight_of(const Record& record) {
      std::size_t weight = 0;
      if constexpr (!Bits<Key>) weight += memory_of(record.first) - sizeof(Key);
      if constexpr (!Bits<C>) weight += memory_of(record.second);
      return weight;
    }
    void count(std::size_t weight, bool made) {
      if (Bits<C> && !made) return;
      pointed_to_ += weight;
      if (dealer_ && table_.memory() + pointed_to_ > task_.memory()) deal_out();
    }
    void deal_out() {
      for (const Out& entry : table_.entries()) dealer_->add(entry, hash_of(entry.first));
      dealer_->flush();
      table_ = {};
      pointed_to_ = 0;
    }

    const CombinePolicy& policy_;
    TaskContext& task_;
    Sink<Out>& sink_;
    const unsigned level_;
    FlatTable<Key, C> table_;
    std::size_t pointed_to_ = 0;         // by its entries
    std::optional<Dealer<Out>> dealer_;  // none at the deepest level: there memory must do
  };

  void reduce(TaskContext& task, const ShuffleInput& input, Sink<Out>& sink) const {
    Reduce table(*this, task, sink, 0);
    using Record = std::pair<Key, Sent>;
    input.each_block<Record>(task, [&](std::span<Record> records) { table.add_sent(records); });
    table.finish();
  }
};

}  // namespace mesolite::spark
