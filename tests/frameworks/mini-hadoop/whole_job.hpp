// WholeJob: the fixture of tests that run jobs from their input to their output on a FakeCluster.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "mesolite/base/random.hpp"
#include "mesolite/data/file.hpp"
#include "tests/frameworks/mini-hadoop/fake_cluster.hpp"

namespace mesolite::hadoop {

namespace fs = std::filesystem;
using Counts = std::map<std::string, std::uint64_t>;

// Text with a few frequent and many rare words, some of them long, and uneven whitespace.
inline std::string random_text(std::uint64_t seed, std::size_t size) {
  Random random(seed);
  std::string text;
  while (text.size() < size) {
    const std::uint64_t rank = random.below(1 + random.below(3000));
    text += "w" + std::to_string(rank * 7919);
    if (rank % 50 == 49) text += "-and-a-tail-that-makes-it-long";
    text += random.chance(0.1) ? "\r\n" : random.chance(0.1) ? " \t " : " ";
  }
  return text;
}

inline void count_words(const std::string& text, Counts& counts) {
  std::istringstream in(text);
  for (std::string word; in >> word;) ++counts[word];
}

class WholeJob : public testing::Test {
 protected:
  WholeJob() { fs::create_directory(inputs_); }

  void add_input(const std::string& name, const std::string& text) {
    std::ofstream(inputs_ + "/" + name, std::ios::binary) << text;
    count_words(text, words_);
  }

  JobRequest word_count(std::uint64_t split_size = 20'000) {
    JobRequest request;
    request.stages = {{"wordcount", {}, 3}};
    return finished(std::move(request), split_size);
  }

  JobRequest grep(const std::string& pattern) {
    JobRequest request;
    request.stages = {{"grep-search", {{"pattern", pattern}}, 2}, {"sort-by-count", {}, 1}};
    return finished(std::move(request), 20'000);
  }

  JobRequest finished(JobRequest request, std::uint64_t split_size) {
    request.inputs = files_.list(inputs_).value();
    request.output = output_;
    request.split_size = split_size;
    request.memory = std::size_t{16} << 20;
    request.token = "secret";
    return request;
  }

  const JobOutcome& run(JobRequest request, FakeCluster::AfterUpdate after_update = {}) {
    scheduler_.emplace(
        std::move(request),
        JobScheduler::Environment{.files = files_,
                                  .catalogue = catalogue_,
                                  .now = [] { return Time{}; },
                                  .show = {},
                                  .tell = [this](auto& what) { told_ += what + "\n"; }});
    cluster_.run(*scheduler_, std::move(after_update));
    if (!scheduler_->outcome().succeeded) scheduler_->clean_up();
    EXPECT_TRUE(left_in_sandboxes().empty()) << left_in_sandboxes();
    return scheduler_->outcome();
  }

  // On a cluster of its own, so that one job after the other may run.
  JobOutcome run_afresh(const JobRequest& request) {
    JobOutcome outcome = run_in(sandboxes_, request);
    EXPECT_TRUE(outcome.succeeded) << outcome.error;
    return outcome;
  }
  // Likewise, whatever comes of it.
  JobOutcome run_in(const std::string& sandboxes, const JobRequest& request) {
    FakeCluster cluster({.sandboxes = sandboxes}, files_, catalogue_);
    JobScheduler scheduler(request, {.files = files_,
                                     .catalogue = catalogue_,
                                     .now = [] { return Time{}; },
                                     .show = {},
                                     .tell = {}});
    cluster.run(scheduler);
    if (!scheduler.outcome().succeeded) scheduler.clean_up();
    return scheduler.outcome();
  }

  std::string left_in_sandboxes() const {
    std::string left;
    if (!fs::exists(sandboxes_)) return left;
    for (const auto& entry : fs::recursive_directory_iterator(sandboxes_)) {
      if (entry.path().parent_path() != sandboxes_) left += entry.path().string() + "\n";
    }
    return left;
  }

  // "key<TAB>number" lines of all parts; fails if a key comes twice or a part is not sorted.
  Counts output_counts() {
    Counts counts;
    for (const auto& entry : fs::directory_iterator(output_)) {
      if (!entry.path().filename().string().starts_with("part-r-")) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::string last;
      for (std::string line; std::getline(in, line);) {
        const auto tab = line.rfind('\t');
        const std::string key = line.substr(0, tab);
        EXPECT_TRUE(counts.emplace(key, std::stoull(line.substr(tab + 1))).second) << key;
        EXPECT_LE(last, key);
        last = key;
      }
    }
    return counts;
  }

  std::set<std::string> output_files() {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(output_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  // All parts, one after the other.
  std::string output() {
    std::string all;
    for (const std::string& name : output_files()) {
      if (name.starts_with("part-")) all += read(output_ + "/" + name);
    }
    return all;
  }

  // What a shell says to this in the directory of the inputs.
  std::string shell(const std::string& script) {
    const std::string command = "cd '" + inputs_ + "' && LC_ALL=C; export LC_ALL; " + script;
    FILE* const pipe = popen(command.c_str(), "r");
    std::string said;
    char bytes[4096];
    for (std::size_t got = 1; got > 0;) {
      got = fread(bytes, 1, sizeof bytes, pipe);
      said.append(bytes, got);
    }
    EXPECT_EQ(pclose(pipe), 0) << script;
    return said;
  }

  // A request for one of the examples, all inputs read.
  JobRequest example(const std::string& name, const Parameters& parameters = {},
                     std::uint64_t split_size = 20'000) {
    JobRequest request;
    request.stages = example_stages(name, parameters, 3);
    return finished(std::move(request), split_size);
  }

  static std::string sorted_lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::sort(lines.begin(), lines.end());
    std::string sorted;
    for (const std::string& line : lines) sorted += line + "\n";
    return sorted;
  }

  std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  LocalFileSystem files_;
  JobCatalogue catalogue_ = builtin_jobs();
  data::ScratchDirectory directory_ =
      data::ScratchDirectory::create(testing::TempDir(), "job-").value();
  const std::string inputs_ = directory_.file("in");
  const std::string output_ = directory_.file("out");
  const std::string sandboxes_ = directory_.file("sandboxes");
  FakeCluster cluster_{{.sandboxes = sandboxes_}, files_, catalogue_};
  std::optional<JobScheduler> scheduler_;
  Counts words_;  // of all inputs
  std::string told_;
};

}  // namespace mesolite::hadoop
