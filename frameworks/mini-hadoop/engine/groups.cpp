#include "frameworks/mini-hadoop/engine/groups.hpp"

namespace mesolite::hadoop {
namespace {

// The values of the group whose first record the merge stands on.
class MergedValues final : public Values {
 public:
  MergedValues(data::Merger& merger, data::KeyComparison comparison, std::uint64_t& records)
      : merger_(merger), comparison_(comparison), records_(records), key_(merger.key()) {}

  bool next() override {
    if (first_) {
      first_ = false;
      return true;
    }
    if (ended_) return false;
    const auto more = merger_.next();
    if (!more) status_ = tl::unexpected(more.error());
    more_ = more && *more;
    records_ += more_ ? 1 : 0;
    ended_ = !more_ || !same_group();
    return !ended_;
  }
  std::string_view value() const override { return merger_.value(); }
  std::string_view key() const override { return merger_.key(); }

  std::string_view group() const { return key_; }
  bool merge_has_more() const { return more_; }
  const Status& status() const { return status_; }

 private:
  bool same_group() const {
    if (comparison_ == nullptr) return merger_.key() == key_;
    return comparison_(merger_.key(), key_) == 0;
  }

  data::Merger& merger_;
  data::KeyComparison comparison_;
  std::uint64_t& records_;
  std::string key_;  // a copy: the merge's own goes with the record
  bool first_ = true;
  bool ended_ = false;
  bool more_ = true;  // the merge stands on a record
  Status status_;
};

}  // namespace

Status reduce_groups(data::Merger& merger, data::KeyComparison comparison, Reducer& reducer,
                     Emitter& out, const std::function<Status(const GroupCounts&)>& after_group) {
  GroupCounts counts;
  auto more = merger.next();
  if (!more) return tl::unexpected(more.error());
  bool standing = *more;
  counts.records = standing ? 1 : 0;
  while (standing) {
    MergedValues values(merger, comparison, counts.records);
    Status reduced =
        guarded("reducer", [&] { return reducer.reduce(values.group(), values, out); });
    if (!reduced) return reduced;
    while (values.next()) {
    }
    if (!values.status()) return values.status();
    ++counts.groups;
    if (auto status = after_group(counts); !status) return status;
    standing = values.merge_has_more();
  }
  return {};
}

}  // namespace mesolite::hadoop
