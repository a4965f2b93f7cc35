// Disk: what a daemon has written down. Records become durable in the order in which they were
// written, each in its own time; a crash keeps the durable ones and some of those under way.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "mesolite/base/bytes.hpp"
#include "mesolite/base/check.hpp"
#include "mesolite/base/random.hpp"

namespace mesolite::simulation {

class Disk {
 public:
  using Records = std::map<std::string, Bytes>;

  // An empty value removes the key, and all below it; all there is if the key is empty too.
  void write(std::string key, Bytes value) {
    under_way_.emplace_back(std::move(key), std::move(value));
  }
  // The oldest record under way has become durable.
  void finish() {
    MESOLITE_CHECK(!under_way_.empty(), "only what was written becomes durable");
    auto [key, value] = std::move(under_way_.front());
    under_way_.pop_front();
    if (value.empty()) {
      std::erase_if(records_, [&key = key](const auto& record) {
        return key.empty() || record.first == key || record.first.starts_with(key + "/");
      });
    } else {
      records_[std::move(key)] = std::move(value);
    }
  }
  // Power is lost: the first few of those under way made it.
  void crash(Random& random) {
    for (auto kept = random.below(under_way_.size() + 1); kept > 0; --kept) finish();
    under_way_.clear();
  }
  void wipe() {
    records_.clear();
    under_way_.clear();
  }

  const Records& records() const { return records_; }
  std::size_t under_way() const { return under_way_.size(); }

 private:
  Records records_;
  std::deque<std::pair<std::string, Bytes>> under_way_;
};

}  // namespace mesolite::simulation
