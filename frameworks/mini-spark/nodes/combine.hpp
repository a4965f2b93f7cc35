// CombinePolicy: the values of each key become one: combine_by_key and all that follows from it.
//
// Map side: a table of bounded size combines what comes soon after one another; a task whose first
// tableful shows that keys hardly repeat stops trying. Reduce side: a table; when it exceeds the
// task's memory it is dealt out to files by other bits of the hash, and each file is combined by
// itself, dealt out again if need be (a Grace join's way: Kitsuregawa et al. 1983).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <tuple>
#include <utility>

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
      for (const auto& [key, value] : batch) {
        bool made = false;
        C* found = nullptr;
        std::tie(found, made) = table_.find_or_create(
            key, hash_of(key), [&, &v = value] { return policy_.functions.create(v); });
        if (!made) policy_.functions.merge(*found, value);
      }
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
        : policy_(policy), task_(task), sink_(sink), level_(level) {}

    void add_sent(std::pair<Key, Sent>& record) {
      if constexpr (map_side_combine) {
        add(record);
      } else {
        const auto& functions = policy_.functions;
        const std::size_t weight = weight_of(record);
        const auto [found, made] = table_.find_or_create(
            record.first, hash_of(record.first), [&] { return functions.create(record.second); });
        if (!made) functions.merge(*found, record.second);
        count(weight, made);
      }
    }
    void add(Out& record) {
      const std::size_t weight = weight_of(record);
      const auto [found, made] = table_.find_or_create(record.first, hash_of(record.first),
                                                       [&] { return std::move(record.second); });
      if (!made) policy_.functions.combine(*found, std::move(record.second));
      count(weight, made);
    }

    void finish() {
      if (!parts_[0].file) {
        if (table_.size() > 0) sink_.push(table_.entries());
        return;
      }
      deal_out();
      table_ = {};
      for (Dealt& dealt : parts_) finish_part(dealt);
    }

   private:
    struct Dealt {
      std::unique_ptr<ChunkFile> file;
      Packer chunk;
    };
    static constexpr unsigned level_max = 5;

    // Beyond the entry itself: what the key points to, and what the value may add to another.
    template <class Record>
    static std::size_t weight_of(const Record& record) {
      std::size_t weight = 0;
      if constexpr (!Bits<Key>) weight += memory_of(record.first) - sizeof(Key);
      if constexpr (!Bits<C>) weight += memory_of(record.second);
      return weight;
    }
    void count(std::size_t weight, bool made) {
      constexpr std::size_t slots = 16;
      if (made) memory_ += sizeof(Out) + slots;
      if (made || !Bits<C>) memory_ += weight;
      if (memory_ > task_.memory() && level_ <= level_max) deal_out();
    }
    void deal_out() {
      task_.throw_if_stopped();
      for (const Out& entry : table_.entries()) {
        const std::uint64_t hash = hash_of(entry.first);
        Dealt& dealt = parts_[(hash >> (20 + 4 * level_)) & (parts_.size() - 1)];
        pack(dealt.chunk, entry);
        if (dealt.chunk.size() >= chunk_size) write(dealt);
      }
      for (Dealt& dealt : parts_) write(dealt);
      task_.metrics.spilled += memory_;
      table_ = {};
      memory_ = 0;
    }
    void write(Dealt& dealt) {
      if (!dealt.file) dealt.file = task_.environment().shuffles.new_file("table");
      dealt.file->append(dealt.chunk.view());
      dealt.chunk.clear();
    }
    void finish_part(Dealt& dealt) {
      dealt.file->finish();
      auto rest = std::make_unique<Reduce>(policy_, task_, sink_, level_ + 1);
      dealt.file->read_all([&](std::string_view chunk) {
        unpack_chunk_apart<Out>(chunk, [&](Out& record) { rest->add(record); });
      });
      dealt.file.reset();
      rest->finish();
    }

    const CombinePolicy& policy_;
    TaskContext& task_;
    Sink<Out>& sink_;
    const unsigned level_;
    FlatTable<Key, C> table_;
    std::uint64_t memory_ = 0;
    std::array<Dealt, 16> parts_;
  };

  void reduce(TaskContext& task, const ShuffleInput& input, Sink<Out>& sink) const {
    Reduce table(*this, task, sink, 0);
    input.each<std::pair<Key, Sent>>(task,
                                     [&](std::pair<Key, Sent>& record) { table.add_sent(record); });
    table.finish();
  }
};

}  // namespace mesolite::spark
