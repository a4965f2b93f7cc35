// Groups: runs a reducer or combiner over the groups of equal keys of a merge.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "mesolite/data/merge.hpp"
#include "mesolite/data/spill.hpp"

namespace mesolite::hadoop {

struct GroupCounts {
  std::uint64_t records = 0;
  std::uint64_t groups = 0;
};

// Calls `reducer` for each group of keys that the comparison calls equal (none: equal bytes);
// `after_group(counts)` may end it with a failure. Exceptions of the reducer become failures.
// REQUIRES: such keys lie side by side.
Status reduce_groups(data::Merger& merger, data::KeyComparison comparison, Reducer& reducer,
                     Emitter& out, const std::function<Status(const GroupCounts&)>& after_group);

// Gives what a combiner emits to the run being written.
class SpillEmitter final : public Emitter {
 public:
  explicit SpillEmitter(data::SpillWriter& writer) : writer_(writer) {}

  void emit(std::string_view key, std::string_view value) override {
    if (status_) status_ = writer_.append(key, value);
  }
  const Status& status() const { return status_; }

 private:
  data::SpillWriter& writer_;
  Status status_;
};

// Calls code of a job's author; what it throws becomes a failure that names the class.
template <class Call>
Status guarded(std::string_view what, Call&& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return failure("the " + std::string(what) + " threw: " + error.what());
  } catch (...) {
    return failure("the " + std::string(what) + " threw something that is no std::exception");
  }
}

}  // namespace mesolite::hadoop
