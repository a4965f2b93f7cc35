// Counters: named sums that every task reports and the job adds up.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mesolite::hadoop {

namespace counter {
inline constexpr std::string_view map_input_bytes = "map input bytes";
inline constexpr std::string_view map_input_records = "map input records";
inline constexpr std::string_view maps_near_input = "maps near their input";
inline constexpr std::string_view map_output_records = "map output records";
inline constexpr std::string_view map_output_bytes = "map output bytes";
inline constexpr std::string_view combine_output_records = "combine output records";
inline constexpr std::string_view spilled_records = "spilled records";
inline constexpr std::string_view shuffle_bytes = "shuffle bytes";
inline constexpr std::string_view shuffle_blocks = "shuffle blocks";
inline constexpr std::string_view reduce_input_records = "reduce input records";
inline constexpr std::string_view reduce_input_groups = "reduce input groups";
inline constexpr std::string_view reduce_output_records = "reduce output records";
inline constexpr std::string_view reduce_output_bytes = "reduce output bytes";
inline constexpr std::string_view records_skipped = "records skipped";
inline constexpr std::string_view records_out_of_order = "records out of order";
}  // namespace counter

using CounterValues = std::map<std::string, std::uint64_t>;

// Owned by one task, used by one thread.
class Counters {
 public:
  void add(std::string_view name, std::uint64_t amount) {
    if (amount > 0) values_[std::string(name)] += amount;
  }
  void add(const CounterValues& others) {
    for (const auto& [name, amount] : others) add(name, amount);
  }
  const CounterValues& values() const { return values_; }

 private:
  CounterValues values_;
};

}  // namespace mesolite::hadoop
