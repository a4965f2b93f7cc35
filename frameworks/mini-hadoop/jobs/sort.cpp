#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/class_job.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

class LineMapper final : public Mapper {
 public:
  Status map(const InputRecord& record, Emitter& out) override {
    out.emit(record.value, "");
    return {};
  }
};

class LineReducer final : public Reducer {
 public:
  Status reduce(std::string_view, Values& values, Emitter& out) override {
    while (values.next()) out.emit(values.key(), "");
    return {};
  }
};

// The number at the start of a line, after blanks, as its digits: so it may have any number of
// them, as in `sort -n`. What is no number is 0.
struct LeadingNumber {
  bool negative = false;
  std::string_view whole;     // without zeros at its start
  std::string_view fraction;  // without zeros at its end

  explicit LeadingNumber(std::string_view line) {
    constexpr std::string_view digits = "0123456789";
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    negative = line.starts_with('-');
    if (negative) line.remove_prefix(1);
    whole = line.substr(0, line.find_first_not_of(digits));
    line.remove_prefix(whole.size());
    if (line.starts_with('.')) {
      line.remove_prefix(1);
      fraction = line.substr(0, line.find_first_not_of(digits));
    }
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);  // npos + 1 is 0
    if (whole.empty() && fraction.empty()) negative = false;
  }
};

int compare_magnitudes(const LeadingNumber& a, const LeadingNumber& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() < b.whole.size() ? -1 : 1;
  const int order = a.whole.compare(b.whole);
  return order != 0 ? order : a.fraction.compare(b.fraction);
}

int compare_numbers(std::string_view left, std::string_view right) {
  const LeadingNumber a(left);
  const LeadingNumber b(right);
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  const int order = a.negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
  return order != 0 ? order : left.compare(right);
}

int compare_bytes_reversed(std::string_view left, std::string_view right) {
  return right.compare(left);
}

int compare_numbers_reversed(std::string_view left, std::string_view right) {
  return compare_numbers(right, left);
}

data::KeyComparison comparison_for(const Parameters& parameters) {
  if (is_set(parameters, "numeric")) {
    return is_set(parameters, "reverse") ? compare_numbers_reversed : compare_numbers;
  }
  return is_set(parameters, "reverse") ? compare_bytes_reversed : nullptr;
}

}  // namespace

std::unique_ptr<Job> sort_job(const Parameters& parameters) {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<LineMapper>(); };
  classes.reducer = [] { return std::make_unique<LineReducer>(); };
  classes.input = [] { return std::make_unique<TextInputFormat>(LineEnd::lf); };
  classes.key_comparison = comparison_for(parameters);
  classes.total_order = true;
  return std::make_unique<ClassJob>(std::move(classes));
}

}  // namespace mesolite::hadoop
