#include "kernel/runtime/leadership.hpp"

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "mesolite/base/random.hpp"

namespace mesolite::runtime {
namespace {

constexpr const char* cluster_key = "cluster/id";
constexpr const char* epoch_key = "cluster/epoch";
// The first epoch whose master wrote down whom it let in; 1: all did.
constexpr const char* complete_since_key = "cluster/complete_since";

Result<std::uint64_t> number_in(const registry::Record& record) {
  const std::string& text = record.value.data;
  const char* end = text.data() + text.size();
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ptr == end && read.ec == std::errc() && !text.empty()) return number;
  return failure("registry: record '" + record.key + "': is '" + text + "' and no number");
}

// 0 if there is no such record.
Result<std::uint64_t> find_number(const std::vector<registry::Record>& records,
                                  std::string_view key) {
  for (const registry::Record& record : records) {
    if (record.key == key) return number_in(record);
  }
  return std::uint64_t{0};
}

// Eight letters are short enough to stand before every id of the cluster's agents and frameworks.
std::string new_cluster_id(std::uint64_t seed) {
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
  Random random(seed);
  std::string id;
  for (int i = 0; i < 8; ++i) id += letters[random.below(letters.size())];
  return id;
}

}  // namespace

Result<Office> take_office(const OpenRegistry& open, election::Leadership won, std::uint64_t seed) {
  Office office;
  auto registry = open(won);
  if (!registry) return tl::unexpected(registry.error());
  office.registry = std::move(*registry);
  auto leadership = take_lead(*office.registry, std::move(won), seed);
  if (!leadership) return tl::unexpected(leadership.error());
  office.leadership = std::move(*leadership);
  auto durable = read_durable(*office.registry, office.leadership);
  if (!durable) return tl::unexpected(durable.error());
  office.durable = std::move(*durable);
  return office;
}

Result<election::Leadership> take_lead(registry::Registry& registry, election::Leadership won,
                                       std::uint64_t seed) {
  const auto records = registry.load();
  if (!records) return tl::unexpected(records.error());
  const auto epoch = find_number(*records, epoch_key);
  if (!epoch) return tl::unexpected(epoch.error());
  const auto complete_since = find_number(*records, complete_since_key);
  if (!complete_since) return tl::unexpected(complete_since.error());

  election::Leadership leadership = std::move(won);
  if (leadership.epoch == 0) leadership.epoch = *epoch + 1;
  if (leadership.epoch <= *epoch) {
    return failure("registry: epoch " + std::to_string(*epoch) +
                   " has been, and this leadership is of epoch " +
                   std::to_string(leadership.epoch) + ": is the ensemble a fresh one?");
  }
  for (const registry::Record& record : *records) {
    if (record.key == cluster_key) leadership.cluster = record.value.data;
  }
  const bool fresh = leadership.cluster.empty();
  if (fresh) leadership.cluster = new_cluster_id(seed);
  const std::string number = std::to_string(leadership.epoch);
  std::vector<registry::Record> changes{{cluster_key, Bytes(leadership.cluster)},
                                        {epoch_key, Bytes(number)}};
  if (*complete_since == 0) {
    changes.push_back({complete_since_key, Bytes(fresh ? "1" : number)});
  }
  if (auto written = registry.write(changes); !written) return tl::unexpected(written.error());
  return leadership;
}

Result<master::Durable> read_durable(registry::Registry& registry,
                                     const election::Leadership& leadership) {
  const auto records = registry.load();
  if (!records) return tl::unexpected(records.error());
  const auto complete_since = find_number(*records, complete_since_key);
  if (!complete_since) return tl::unexpected(complete_since.error());
  master::Durable durable;
  durable.complete = *complete_since == 1 || *complete_since < leadership.epoch;
  for (const registry::Record& record : *records) {
    const Status added = durable.add(record.key, record.value.view());
    if (!added) return tl::unexpected(added.error());
  }
  return durable;
}

Result<std::string> record_text(const registry::Record& record) {
  if (record.key == cluster_key) return record.value.data;
  if (record.key != epoch_key && record.key != complete_since_key) {
    return master::durable_text(record.key, record.value.view());
  }
  return number_in(record).map([](std::uint64_t number) { return std::to_string(number); });
}

}  // namespace mesolite::runtime
