// DurableOrder: lets nothing leave before what it depends on is durable.
//
// Machines put their outputs in order: what follows a Persist in the outbox rests on it. Numbers of
// persists grow; an item is passed on at once when nothing it rests on is outstanding, else when
// durable() says so, in the order it came.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

namespace mesolite::runtime {

template <class Item>
class DurableOrder {
 public:
  explicit DurableOrder(std::function<void(Item)> pass_on) : pass_on_(std::move(pass_on)) {}

  // What comes from now on rests on this persist. REQUIRES: number grows.
  void persisting(std::uint64_t number) { begun_ = number; }

  void add(Item item) {
    if (durable_ == begun_) return pass_on_(std::move(item));
    held_.push_back({begun_, std::move(item)});
  }

  // This persist, and all before it, are durable.
  void durable(std::uint64_t number) {
    durable_ = number;
    while (!held_.empty() && held_.front().rests_on <= durable_) {
      Item item = std::move(held_.front().item);
      held_.pop_front();
      pass_on_(std::move(item));
    }
  }

  std::size_t held() const { return held_.size(); }

 private:
  struct Held {
    std::uint64_t rests_on;
    Item item;
  };

  std::function<void(Item)> pass_on_;
  std::uint64_t begun_ = 0;
  std::uint64_t durable_ = 0;
  std::deque<Held> held_;  // rests_on never falls
};

}  // namespace mesolite::runtime
