// The built-in jobs and the catalogue that finds a job by its name.
//
// Scheduler and executors build the same catalogue in main(), so that a task only names its job.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

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
// the order of their texts; with parameter "limit" only so many of them. For one reduce.
std::unique_ptr<Job> sort_by_count_job();

// Sorts lines by their bytes, as `LC_ALL=C sort` does; with "numeric" = "true" by the numbers that
// they begin with, with "reverse" = "true" the other way round. The parts, one after the other, are
// in order.
std::unique_ptr<Job> sort_job(const Parameters& parameters);

// Records of tera_record.hpp: makes "rows" of them with "maps" maps and no reduces; sorts them;
// says whether all parts are in order and what the sum of their hashes is (for one reduce).
Result<std::unique_ptr<Job>> tera_generate_job(const Parameters& parameters);
std::unique_ptr<Job> tera_sort_job();
std::unique_ptr<Job> tera_validate_job();

// Estimates pi from "samples" points for each of "maps" maps: "inside", "outside" and "pi".
Result<std::unique_ptr<Job>> pi_job(const Parameters& parameters);

// "word<TAB>path:count<TAB>path:count…": in which files each word is, and how often.
std::unique_ptr<Job> inverted_index_job();

// Joins "key<TAB>rest" lines with those of the files in parameter "right" (one path a line):
// "key<TAB>rest of the left<TAB>rest of the right" for each pair of lines with the same key.
std::unique_ptr<Job> join_job();

// Lines of two whole numbers as groups that share the first one, both sorted, each group after a
// line of dashes, as in Hadoop's example.
std::unique_ptr<Job> secondary_sort_job();

// Readers of parameters: a whole number up to `most` that must be there, a flag that may be.
Result<std::uint64_t> number_parameter(
    const Parameters& parameters, const std::string& name,
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
bool is_set(const Parameters& parameters, const std::string& name);

// One job of a chain; each reads what the one before has written.
struct StageRequest {
  std::string job;  // name in the catalogue
  Parameters parameters;
  std::uint32_t reduces = 2;  // 0: the maps write the output
  MESOLITE_FIELDS(job, parameters, reduces);
};

// The stages of `mini-hadoop NAME`, with so many reduces where it is free to have them.
std::vector<StageRequest> example_stages(const std::string& name, const Parameters& parameters,
                                         std::uint32_t reduces);

class JobCatalogue {
 public:
  using Make = std::function<Result<std::unique_ptr<Job>>(const Parameters&)>;

  void add(const std::string& name, Make make) { makers_[name] = std::move(make); }
  Result<std::unique_ptr<Job>> make(const std::string& name, const Parameters& parameters) const;

 private:
  std::map<std::string, Make> makers_;
};

// All of the above, "streaming" (streaming_job.hpp) and "library" (library_job.hpp).
JobCatalogue builtin_jobs();

}  // namespace mesolite::hadoop
