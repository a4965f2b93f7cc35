// The words of a text by how often they occur: spark-wordcount [PATH] [COUNT]
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "frameworks/mini-spark/api/program.hpp"

namespace {

using mesolite::spark::Arguments;
using mesolite::spark::SparkContext;

void count_words(SparkContext& spark, const Arguments& arguments) {
  const std::string path = arguments.empty() ? "/usr/share/common-licenses" : arguments[0];
  const auto shown = arguments.size() < 2 ? 20 : std::strtoull(arguments[1].c_str(), nullptr, 10);
  using Count = std::pair<std::string, std::uint64_t>;
  const auto counts =
      spark.text_views(path)
          .flat_map<std::string_view>([](std::string_view line, auto& emit) {
            std::size_t begin = 0;
            for (std::size_t at = 0; at <= line.size(); ++at) {
              if (at < line.size() && line[at] != ' ' && line[at] != '\t') continue;
              if (at > begin) emit(line.substr(begin, at - begin));
              begin = at + 1;
            }
          })
          .map([](std::string_view word) { return std::pair(word, std::uint64_t{1}); })
          .reduce_by_key([](std::uint64_t a, std::uint64_t b) { return a + b; });
  counts.cache();
  std::printf("%llu different words, the most frequent:\n",
              static_cast<unsigned long long>(counts.count()));
  const auto more = [](const Count& a, const Count& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  };
  for (const auto& [word, count] : counts.take_ordered(shown, more)) {
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), word.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mesolite::spark::run(argc, argv, count_words);
}
