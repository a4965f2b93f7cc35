#include <charconv>

#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/library/library_job.hpp"
#include "frameworks/mini-hadoop/streaming/streaming_job.hpp"

namespace mesolite::hadoop {

Result<std::uint64_t> number_parameter(const Parameters& parameters, const std::string& name,
                                       std::uint64_t most) {
  const auto found = parameters.find(name);
  if (found == parameters.end()) return failure("the parameter '" + name + "' is missing");
  const std::string& text = found->second;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    return failure("the parameter '" + name + "' is no whole number: '" + text + "'");
  }
  if (number > most) {
    return failure("the parameter '" + name + "' is " + text + ", and may be " +
                   std::to_string(most) + " at most");
  }
  return number;
}

bool is_set(const Parameters& parameters, const std::string& name) {
  const auto found = parameters.find(name);
  return found != parameters.end() && found->second == "true";
}

std::vector<StageRequest> example_stages(const std::string& name, const Parameters& parameters,
                                         std::uint32_t reduces) {
  // One reduce in the end, for one order.
  if (name == "grep") return {{"grep-search", parameters, reduces}, {"sort-by-count", {}, 1}};
  if (name == "topn") return {{"wordcount", {}, reduces}, {"sort-by-count", parameters, 1}};
  if (name == "teragen") return {{name, parameters, 0}};
  if (name == "pi" || name == "teravalidate") return {{name, parameters, 1}};
  return {{name, parameters, reduces}};
}

Result<std::unique_ptr<Job>> JobCatalogue::make(const std::string& name,
                                                const Parameters& parameters) const {
  const auto found = makers_.find(name);
  if (found == makers_.end()) return failure("there is no job '" + name + "'");
  return found->second(parameters);
}

JobCatalogue builtin_jobs() {
  // Those that cannot be wrong about their parameters.
  const auto plain = [](std::unique_ptr<Job> (*make)()) {
    return [make](const Parameters&) -> Result<std::unique_ptr<Job>> { return make(); };
  };
  JobCatalogue catalogue;
  catalogue.add("wordcount", plain(word_count_job));
  catalogue.add("grep-search", grep_search_job);
  catalogue.add("sort-by-count", plain(sort_by_count_job));
  catalogue.add("sort", [](const Parameters& parameters) -> Result<std::unique_ptr<Job>> {
    return sort_job(parameters);
  });
  catalogue.add("teragen", tera_generate_job);
  catalogue.add("terasort", plain(tera_sort_job));
  catalogue.add("teravalidate", plain(tera_validate_job));
  catalogue.add("pi", pi_job);
  catalogue.add("invertedindex", plain(inverted_index_job));
  catalogue.add("join", plain(join_job));
  catalogue.add("secondarysort", plain(secondary_sort_job));
  catalogue.add("streaming", streaming_job);
  catalogue.add("library", library_job);
  return catalogue;
}

}  // namespace mesolite::hadoop
