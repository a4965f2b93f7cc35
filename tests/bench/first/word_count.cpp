#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/bench/first/parts.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t input_size = 200'000'000;
constexpr int files_count = 8;
constexpr int runs = 3;
constexpr const char* source = "/usr/share/common-licenses";

// The real text of all licences of the system, again and again.
std::string text_of_licences() {
  std::string text;
  for (const auto& entry : fs::directory_iterator(source)) {
    if (entry.is_regular_file()) text += harness::read_file(entry.path());
  }
  if (text.empty()) throw std::runtime_error(std::string("no text in ") + source);
  return text;
}

std::vector<std::string> write_input(const fs::path& directory) {
  const std::string text = text_of_licences();
  std::vector<std::string> files;
  for (int i = 0; i < files_count; ++i) {
    files.push_back((directory / ("text-" + std::to_string(i))).string());
    std::ofstream out(files.back(), std::ios::binary);
    for (std::size_t left = input_size / files_count; left > 0;) {
      const std::size_t size = std::min(left, text.size());
      out.write(text.data(), static_cast<std::streamsize>(size));
      left -= size;
    }
    if (!out.flush()) throw std::runtime_error("cannot write the input");
  }
  return files;
}

Duration time_of(std::vector<std::string> command) {
  const harness::Stopwatch watch;
  const harness::Ended ended = harness::run(std::move(command));
  if (ended.status != 0) throw std::runtime_error(ended.errors);
  return watch.elapsed();
}

}  // namespace

void measure_word_count(Figures& figures) {
  const harness::Scratch scratch;
  const auto files = write_input(scratch.path());
  harness::Cluster cluster({.agents = 3});
  std::vector<Duration> ours;
  std::vector<Duration> single;
  // Side by side, so that a busy minute of the machine hits both.
  for (int i = 0; i < runs; ++i) {
    std::vector<std::string> count{harness::built("bench/wordcount_single_thread")};
    count.insert(count.end(), files.begin(), files.end());
    single.push_back(time_of(std::move(count)));
    std::vector<std::string> job{harness::built("bin/mini-hadoop"),
                                 "wordcount",
                                 "--quiet",
                                 "--master",
                                 cluster.master(),
                                 "--output",
                                 (scratch / ("out-" + std::to_string(i))).string()};
    job.insert(job.end(), files.begin(), files.end());
    ours.push_back(time_of(std::move(job)));
  }
  figures["wordcount_200mb_s"] = to_seconds(percentile(ours, 0.5));
  figures["wordcount_200mb_single_thread_s"] = to_seconds(percentile(single, 0.5));
}

}  // namespace mesolite::bench
