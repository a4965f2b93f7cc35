// The built-in jobs and the catalogue that finds a job by its name.
//
// Scheduler and executors build the same catalogue in main(), so that a task only names its job.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "frameworks/mini-hadoop/engine/job.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

// Counts each word: "word<TAB>count", sorted by the word's bytes. Words are what whitespace
// (isspace() of the C locale) separates; lines do not matter.
std::unique_ptr<Job> word_count_job();

// Counts each distinct match of parameter "pattern": "match<TAB>count", sorted by the match. The
// pattern is a POSIX extended regular expression, matched within lines, leftmost and longest; with
// parameter "literal" = "true" it stands for itself. Empty matches do not count.
Result<std::unique_ptr<Job>> grep_search_job(const Parameters& parameters);

// Turns "text<TAB>count" lines into "count<TAB>text", the largest count first, and equal counts in
// the order of their texts.
std::unique_ptr<Job> sort_by_count_job();

class JobCatalogue {
 public:
  using Make = std::function<Result<std::unique_ptr<Job>>(const Parameters&)>;

  void add(const std::string& name, Make make) { makers_[name] = std::move(make); }
  Result<std::unique_ptr<Job>> make(const std::string& name, const Parameters& parameters) const;

 private:
  std::map<std::string, Make> makers_;
};

// "wordcount", "grep-search" and "sort-by-count".
JobCatalogue builtin_jobs();

}  // namespace mesolite::hadoop
