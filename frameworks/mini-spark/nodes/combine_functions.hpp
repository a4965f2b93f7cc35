// What CombinePolicy does with values: create(v) -> C, merge(C&, v), combine(C&, C&&).
#pragma once

#include <iterator>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/ship/registration.hpp"

namespace mesolite::spark {

// f(a, b): the value is its own combination.
template <class V, class F>
struct ReduceFunctions {
  F f;
  MESOLITE_PARTS(f)
  template <class W>
  V create(const W& value) const {
    return V(value);
  }
  template <class W>
  void merge(V& into, const W& value) const {
    into = f(std::move(into), value);
  }
  void combine(V& into, V&& other) const { into = f(std::move(into), std::move(other)); }
};

// A zero, step(c, v) and join(c, c).
template <class V, class C, class Step, class Join>
struct AggregateFunctions {
  C zero;
  Step step;
  Join join;
  MESOLITE_PARTS(zero, step, join)
  C create(const V& value) const { return step(zero, value); }
  void merge(C& into, const V& value) const { into = step(std::move(into), value); }
  void combine(C& into, C&& other) const { into = join(std::move(into), std::move(other)); }
};

// first(v), step(c, v), join(c, c): as Spark's combineByKey.
template <class V, class C, class First, class Step, class Join>
struct CombineFunctions {
  First first;
  Step step;
  Join join;
  MESOLITE_PARTS(first, step, join)
  C create(const V& value) const { return first(value); }
  void merge(C& into, const V& value) const { into = step(std::move(into), value); }
  void combine(C& into, C&& other) const { into = join(std::move(into), std::move(other)); }
};

template <class V>
struct GroupFunctions {
  MESOLITE_PARTS()
  std::vector<V> create(const V& value) const { return {value}; }
  void merge(std::vector<V>& into, const V& value) const { into.push_back(value); }
  void combine(std::vector<V>& into, std::vector<V>&& other) const {
    into.insert(into.end(), std::make_move_iterator(other.begin()),
                std::make_move_iterator(other.end()));
  }
};

// Keys alone: distinct.
struct NoValue {
  MESOLITE_FIELDS();
};
struct KeyFunctions {
  MESOLITE_PARTS()
  NoValue create(const NoValue&) const { return {}; }
  void merge(NoValue&, const NoValue&) const {}
  void combine(NoValue&, NoValue&&) const {}
};

}  // namespace mesolite::spark
