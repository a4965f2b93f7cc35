#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {

Result<std::unique_ptr<Job>> JobCatalogue::make(const std::string& name,
                                                const Parameters& parameters) const {
  const auto found = makers_.find(name);
  if (found == makers_.end()) return failure("there is no job '" + name + "'");
  return found->second(parameters);
}

JobCatalogue builtin_jobs() {
  JobCatalogue catalogue;
  catalogue.add("wordcount", [](const Parameters&) { return word_count_job(); });
  catalogue.add("grep-search", grep_search_job);
  catalogue.add("sort-by-count", [](const Parameters&) { return sort_by_count_job(); });
  return catalogue;
}

}  // namespace mesolite::hadoop
