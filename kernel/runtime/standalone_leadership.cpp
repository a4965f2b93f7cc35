#include "kernel/runtime/standalone_leadership.hpp"

#include <charconv>
#include <string>

#include "mesolite/base/random.hpp"

namespace mesolite::runtime {
namespace {

constexpr const char* cluster_key = "cluster/id";
constexpr const char* epoch_key = "cluster/epoch";

// Eight letters are short enough to stand before every id of the cluster's agents and frameworks.
std::string new_cluster_id(std::uint64_t seed) {
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
  Random random(seed);
  std::string id;
  for (int i = 0; i < 8; ++i) id += letters[random.below(letters.size())];
  return id;
}

}  // namespace

Result<election::Leadership> lead_alone(registry::Registry& registry, std::uint64_t seed) {
  const auto records = registry.load();
  if (!records) return tl::unexpected(records.error());
  election::Leadership leadership;
  for (const registry::Record& record : *records) {
    const std::string& text = record.value.data;
    if (record.key == cluster_key) leadership.cluster = text;
    if (record.key != epoch_key) continue;
    const char* end = text.data() + text.size();
    if (std::from_chars(text.data(), end, leadership.epoch).ptr != end) {
      return failure("registry: " + record.key + " is '" + text + "' and no number");
    }
  }
  if (leadership.cluster.empty()) leadership.cluster = new_cluster_id(seed);
  ++leadership.epoch;
  const auto written = registry.write({{cluster_key, Bytes(leadership.cluster)},
                                       {epoch_key, Bytes(std::to_string(leadership.epoch))}});
  if (!written) return tl::unexpected(written.error());
  return leadership;
}

}  // namespace mesolite::runtime
