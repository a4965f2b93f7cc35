// The interactive example of the RDD paper: errors of a log are kept in memory and asked several
// questions. spark-log-mining [LOG-FILE]
#include <chrono>
#include <cstdio>
#include <string>

#include "frameworks/mini-spark/api/program.hpp"
#include "mesolite/base/random.hpp"

namespace {

using mesolite::spark::Arguments;
using mesolite::spark::RDD;
using mesolite::spark::SparkContext;

std::string some_line(std::int64_t number) {
  static constexpr const char* parts[] = {"MySQL", "HDFS", "php", "scheduler", "mail"};
  static constexpr const char* troubles[] = {"timeout", "refused", "corrupt", "full"};
  mesolite::Random random(static_cast<std::uint64_t>(number) + 5);
  const char* const part = parts[random.below(5)];
  const std::string hour = std::to_string(random.below(24));
  if (!random.chance(0.05)) return "INFO\t" + hour + "\t" + part + " is well";
  return "ERROR\t" + hour + "\t" + part + " " + troubles[random.below(4)];
}

void mine(SparkContext& spark, const Arguments& arguments) {
  const RDD<std::string> lines =
      arguments.empty() ? spark.range(0, 1'000'000).map(some_line) : spark.text_file(arguments[0]);
  const auto errors =
      lines.filter([](const std::string& line) { return line.starts_with("ERROR"); });
  errors.cache();
  const auto ask = [](const char* question, const auto& answer) {
    const auto started = std::chrono::steady_clock::now();
    const auto count = answer();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::printf("%-34s %8llu   (%.3f s)\n", question, static_cast<unsigned long long>(count),
                took.count());
  };
  ask("errors", [&] { return errors.count(); });
  ask("errors of MySQL", [&] {
    return errors
        .filter([](const std::string& line) { return line.find("MySQL") != std::string::npos; })
        .count();
  });
  ask("timeouts of HDFS", [&] {
    return errors
        .filter(
            [](const std::string& line) { return line.find("HDFS timeout") != std::string::npos; })
        .count();
  });
  const auto by_hour =
      errors
          .map([](const std::string& line) {
            const std::size_t tab = line.find('\t');
            const std::string hour = line.substr(tab + 1, line.find('\t', tab + 1) - tab - 1);
            return std::pair(hour.size() < 2 ? "0" + hour : hour, std::uint64_t{1});
          })
          .reduce_by_key([](std::uint64_t a, std::uint64_t b) { return a + b; })
          .sort_by_key();
  std::puts("errors by hour:");
  for (const auto& [hour, count] : by_hour.collect()) {
    std::printf("  %s  %llu\n", hour.c_str(), static_cast<unsigned long long>(count));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, mine);
}
