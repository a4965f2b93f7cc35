#include <charconv>
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

// The number at the start of a line, after blanks; 0 if there is none.
double leading_number(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return 0;
  double number = 0;
  std::from_chars(line.data() + begin, line.data() + line.size(), number, std::chars_format::fixed);
  return number;
}

int compare_numbers(std::string_view left, std::string_view right) {
  const double a = leading_number(left);
  const double b = leading_number(right);
  if (a != b) return a < b ? -1 : 1;
  return left.compare(right);
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
