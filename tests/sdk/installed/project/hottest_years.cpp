// A MapReduce job outside of Mesolite: the highest temperature of each year, from lines of a year
// and a temperature.
#include <algorithm>
#include <memory>
#include <string>

#include "frameworks/mini-hadoop/api/job_library.hpp"

namespace {

using namespace mesolite::hadoop;

class YearMapper final : public Mapper {
 public:
  mesolite::Status map(const InputRecord& line, Emitter& out) override {
    const std::size_t blank = line.value.find(' ');
    if (blank == std::string_view::npos) return mesolite::failure("expected year and temperature");
    out.emit(line.value.substr(0, blank), line.value.substr(blank + 1));
    return {};
  }
};

// Also the combiner: the highest of some highest ones is the highest of all.
class HighestReducer final : public Reducer {
 public:
  mesolite::Status reduce(std::string_view year, Values& temperatures, Emitter& out) override {
    int highest = -300;
    while (temperatures.next()) {
      highest = std::max(highest, std::stoi(std::string(temperatures.value())));
    }
    out.emit(year, std::to_string(highest));
    return {};
  }
};

mesolite::Result<JobClasses> make(const Parameters&) {
  JobClasses classes;
  classes.mapper = [] { return std::make_unique<YearMapper>(); };
  classes.combiner = [] { return std::make_unique<HighestReducer>(); };
  classes.reducer = [] { return std::make_unique<HighestReducer>(); };
  classes.total_order = true;
  return classes;
}

}  // namespace

MINI_HADOOP_JOB("hottest-years", "The highest temperature of each year", make)
