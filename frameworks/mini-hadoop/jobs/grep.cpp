#include <regex.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/engine/sums.hpp"
#include "frameworks/mini-hadoop/input/text_source.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

// The first match that is not empty in line[from, end); empty if there is none.
std::string_view find_match(const regex_t& regex, std::string_view line, std::size_t from) {
  while (from < line.size()) {
    // With REG_STARTEND the line needs no NUL at its end, and may hold some.
    regmatch_t match{static_cast<regoff_t>(from), static_cast<regoff_t>(line.size())};
    const int flags = REG_STARTEND | (from > 0 ? REG_NOTBOL : 0);
    if (regexec(&regex, line.data(), 1, &match, flags) != 0) return {};
    const auto begin = static_cast<std::size_t>(match.rm_so);
    const auto end = static_cast<std::size_t>(match.rm_eo);
    if (end > begin) return line.substr(begin, end - begin);
    from = end + 1;
  }
  return {};
}

void count_matches(std::string_view text, const regex_t& regex, SumCollector& sums) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    std::string_view line = text.substr(begin, newline - begin);
    begin += line.size() + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::size_t from = 0;
    while (true) {
      const std::string_view match = find_match(regex, line, from);
      if (match.empty()) break;
      sums.add(match, 1);
      from = static_cast<std::size_t>(match.data() - line.data()) + match.size();
    }
  }
}

// A literal holds no line end, so the whole text can be searched at once.
void count_literal(std::string_view text, std::string_view literal, SumCollector& sums) {
  std::uint64_t found = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    const void* const match =
        memmem(at, static_cast<std::size_t>(end - at), literal.data(), literal.size());
    if (match == nullptr) break;
    ++found;
    at = static_cast<const char*>(match) + literal.size();
  }
  if (found > 0) sums.add(literal, found);
}

struct RegexFree {
  void operator()(regex_t* regex) const {
    regfree(regex);
    delete regex;
  }
};
using Regex = std::unique_ptr<regex_t, RegexFree>;

class GrepSearch final : public Job {
 public:
  // Without a regex the pattern is a literal.
  GrepSearch(std::string pattern, Regex regex)
      : pattern_(std::move(pattern)), regex_(std::move(regex)) {}

  Result<MapOutput> map(MapTask& task) const override {
    SumCollector sums(task);
    for (const Piece& piece : task.split.pieces) {
      if (auto searched = search(piece, task, sums); !searched) {
        return tl::unexpected(searched.error());
      }
    }
    return sums.finish();
  }

  Status reduce(ReduceTask& task) const override { return reduce_sums(task); }

 private:
  Status search(const Piece& piece, MapTask& task, SumCollector& sums) const {
    const auto source = TextSource::open(task.files, piece, task.workspace.input(), {});
    if (!source) return tl::unexpected(source.error());
    while (true) {
      const auto text = (*source)->next();
      if (!text) return tl::unexpected(text.error());
      if (text->empty()) break;
      if (task.stop.stop_requested()) return stopped();
      if (regex_ == nullptr) {
        count_literal(*text, pattern_, sums);
      } else {
        count_matches(*text, *regex_, sums);
      }
      if (!sums.status()) return sums.status();
      task.bytes_done += text->size();
    }
    task.counters.add(counter::map_input_bytes, piece.length);
    return {};
  }

  std::string pattern_;
  Regex regex_;
};

}  // namespace

Result<std::unique_ptr<Job>> grep_search_job(const Parameters& parameters) {
  const auto found = parameters.find("pattern");
  if (found == parameters.end() || found->second.empty()) return failure("grep needs a pattern");
  const std::string& pattern = found->second;
  if (pattern.find('\n') != std::string::npos) {
    return failure("a grep pattern cannot hold a line end: matches lie within lines");
  }
  const auto literal = parameters.find("literal");
  const bool is_literal = literal != parameters.end() && literal->second == "true";
  if (is_literal || pattern.find_first_of("\\[](){}.*+?|^$") == std::string::npos) {
    return std::make_unique<GrepSearch>(pattern, nullptr);
  }
  auto storage = std::make_unique<regex_t>();
  const int problem = regcomp(storage.get(), pattern.c_str(), REG_EXTENDED);
  if (problem != 0) {
    std::array<char, 256> text{};
    regerror(problem, storage.get(), text.data(), text.size());
    return failure("cannot use the pattern '" + pattern + "': " + text.data());
  }
  return std::make_unique<GrepSearch>(pattern, Regex(storage.release()));
}

}  // namespace mesolite::hadoop
