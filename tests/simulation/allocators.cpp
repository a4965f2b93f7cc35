#include "tests/simulation/allocators.hpp"

#include <array>

#include "mesolite/base/check.hpp"
#include "modules/allocators/best-fit/best_fit.hpp"
#include "modules/allocators/capacity/capacity.hpp"
#include "modules/allocators/fifo/fifo.hpp"
#include "modules/allocators/hierarchical/hierarchical.hpp"
#include "modules/allocators/weighted-random/weighted_random.hpp"

namespace mesolite::simulation {

namespace {

struct Entry {
  std::string_view name;
  std::unique_ptr<Allocator> (*make)(Host& host);
};

template <class Class, class Parameters>
std::unique_ptr<Allocator> make(Host& host) {
  return std::make_unique<Class>(Parameters{}, host);
}

std::unique_ptr<Allocator> make_capacity(Host& host) {
  auto made = capacity::CapacityAllocator::create(capacity::Parameters{}, host);
  MESOLITE_CHECK(made.has_value(), "an allocator takes its own defaults");
  return std::move(*made);
}

constexpr std::array<Entry, 5> entries = {{
    {"best-fit", &make<best_fit::BestFitAllocator, best_fit::Parameters>},
    {"capacity", &make_capacity},
    {"fifo", &make<fifo::FifoAllocator, fifo::Parameters>},
    {"hierarchical", &make<hierarchical::HierarchicalAllocator, Nothing>},
    {"weighted-random", &make<weighted_random::WeightedRandomAllocator, Nothing>},
}};

const Entry* find(std::string_view name) {
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

bool knows_allocator(std::string_view name) {
  return find(name) != nullptr;
}

std::unique_ptr<Allocator> make_allocator(std::string_view name, Host& host) {
  const Entry* entry = find(name);
  MESOLITE_CHECK(entry != nullptr, "a scenario names allocators that exist");
  return entry->make(host);
}

}  // namespace mesolite::simulation
