// List: an intrusive doubly linked list. Its items are owned elsewhere and carry one ListHook for
// each list they can be in, so that leaving a list costs nothing to look up, and order is the order
// of arrival: what is sent never depends on a hash.
#pragma once

#include <cstddef>

#include "mesolite/base/check.hpp"

namespace mesolite::master {

template <class T>
struct ListHook {
  T* previous = nullptr;
  T* next = nullptr;
  bool linked = false;
};

template <class T, ListHook<T> T::*hook>
class List {
 public:
  // REQUIRES: an item that is removed while iterating is not the one the iterator stands on.
  class Iterator {
   public:
    explicit Iterator(T* item) : item_(item) {}
    T& operator*() const { return *item_; }
    Iterator& operator++() {
      item_ = (item_->*hook).next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return item_ != other.item_; }

   private:
    T* item_;
  };

  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(nullptr); }
  T* front() const { return first_; }
  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }

  void push_back(T& item) {
    ListHook<T>& links = item.*hook;
    MESOLITE_CHECK(!links.linked, "an item is at most once in a list");
    links = {last_, nullptr, true};
    (last_ != nullptr ? (last_->*hook).next : first_) = &item;
    last_ = &item;
    ++size_;
  }

  void remove(T& item) {
    ListHook<T>& links = item.*hook;
    MESOLITE_CHECK(links.linked, "only an item in the list leaves it");
    (links.previous != nullptr ? (links.previous->*hook).next : first_) = links.next;
    (links.next != nullptr ? (links.next->*hook).previous : last_) = links.previous;
    links = {};
    --size_;
  }

 private:
  T* first_ = nullptr;
  T* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace mesolite::master
