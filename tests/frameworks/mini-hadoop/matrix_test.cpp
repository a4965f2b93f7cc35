// Defends: every example makes of every odd input what sort, uniq, awk and join make of it, byte
// for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

using Lines = std::vector<std::string>;

enum class Oddity { none, crlf, no_final_newline, empty_files, no_utf8, one_key, long_lines };

constexpr std::size_t long_line_size = 10'000'000;

// How the lines of all parts are compared with those of the pipeline.
enum class Order { as_it_is, sorted };

struct Example {
  std::string name;
  Parameters parameters;  // "right" = "b" stands for that file
  Lines left;             // of file "a"
  Lines right;            // of file "b"
  std::string pipeline;   // what makes the same of all files but those whose names start with "."
  Order order = Order::as_it_is;
  char filler = 'x';  // of long lines, before their last field
};

// raw: all lines; lines: without CR; words: one a line; counted: "count word" of each.
constexpr const char* functions = R"sh(
raw() { for f in *; do sed -e '$a\' "$f"; done; }
lines() { raw | sed 's/\r$//'; }
words() { raw | tr -s '[:space:]' '\n' | sed '/^$/d'; }
counted() { sort | uniq -c | awk '{n = $1; sub(/^ *[0-9]+ /, ""); print n "\t" $0}'; }
swapped() { awk -F '\t' '{print $2 "\t" $1}'; }
tab="$(printf '\t')"
)sh";

const Lines plain = {"b x", "aa  b\tc", "", "b", "x b aa 9", "c"};
const Lines more_plain = {"x b", "ab", "b"};
const Lines keyed = {"k2\tb one", "k1\tb", "k3", "k2\ttwo b", "k4\tx"};
const Lines more_keyed = {"k2\tB", "k1\tb\tmore", "k5\tb", "k2\tb"};
const Lines numbers = {"3 1", "-2 7", "3 -5", " 10 2", "-2\t7", "3 100000000000"};

std::vector<Example> examples() {
  return {
      {"wordcount", {}, plain, more_plain, "words | counted | swapped | sort", Order::sorted},
      {"grep",
       {{"pattern", "[a-c]+|9"}},
       plain,
       more_plain,
       "lines | grep -aoE '[a-c]+|9' | counted | sort -t \"$tab\" -k1,1nr -k2"},
      {"topn",
       {{"limit", "3"}},
       plain,
       more_plain,
       "words | counted | sort -t \"$tab\" -k1,1nr -k2 | head -3"},
      {"sort", {}, plain, more_plain, "raw | sort"},
      {"sort", {{"reverse", "true"}}, plain, more_plain, "raw | sort -r"},
      {"sort", {{"numeric", "true"}}, numbers, keyed, "raw | sort -n", Order::as_it_is, ' '},
      {"invertedindex",
       {},
       plain,
       more_plain,
       R"sh(
        for f in *; do tr -s '[:space:]' '\n' < "$f" | sed '/^$/d' | sort | uniq -c |
          sed -E "s|^ *([0-9]+) (.*)$|\2\t$inputs/$f:\1|"; done |
          sort -t "$tab" -k1,1 -k2,2 |
          awk -F '\t' 'NR > 1 && $1 == w {l = l "\t" $2; next} NR > 1 {print l} {w = $1; l = $0}
            END {if (NR > 0) print l}' | sort)sh",
       Order::sorted},
      {"join",
       {{"right", "b"}},
       keyed,
       more_keyed,
       R"sh(
        of() { sed -e '$a\' "$1" | sed 's/\r$//' | sort -t "$tab" -k1,1; }
        of a > .a; of b > .b; join -t "$tab" .a .b | sort; rm .a .b)sh",
       Order::sorted},
      {"secondarysort",
       {},
       numbers,
       {"3 1", "7 7"},
       R"sh(
        lines | sort -k1,1n -k2,2n | awk '$1 != g || NR == 1 {
          print "------------------------------------------------"; g = $1} {print $1 "\t" $2}' |
          sort)sh",
       Order::sorted,
       ' '},
      {"streaming",
       {{"mapper", "cat"}, {"reducer", "cat"}},
       keyed,
       more_keyed,
       "lines | sed '/\\t/!s/$/\\t/' | sort",
       Order::sorted},
  };
}

std::string name_of(Oddity oddity) {
  constexpr const char* names[] = {"nothing",     "crlf",    "no_final_newline", "empty_files",
                                   "not_unicode", "one_key", "long_lines"};
  return names[static_cast<int>(oddity)];
}

std::size_t end_of_key(const std::string& line) {
  return std::min(line.find_first_of(" \t", line.find_first_not_of(" \t")), line.size());
}

std::string content(Lines lines, Oddity oddity, char filler) {
  const std::string key = "3";
  std::string all;
  for (std::string& line : lines) {
    if (oddity == Oddity::one_key && !line.empty()) line.replace(0, end_of_key(line), key);
    for (std::size_t at = 0; oddity == Oddity::no_utf8 && at < line.size(); ++at) {
      if (line[at] == 'b') line.replace(at, 1, "\xFF\x80");
    }
    if (oddity == Oddity::long_lines && &line == &lines[1]) {
      line.insert(line.find_last_of(" \t") + 1, long_line_size, filler);
    }
    all += line + (oddity == Oddity::crlf ? "\r\n" : "\n");
  }
  if (oddity == Oddity::no_final_newline) all.pop_back();
  return all;
}

class Matrix : public WholeJob,
               public testing::WithParamInterface<std::tuple<std::size_t, Oddity>> {
 protected:
  std::string output_of(const JobRequest& request) {
    std::string all = run_afresh(request).succeeded ? output() : "";
    fs::remove_all(output_);
    return all;
  }
};

TEST_P(Matrix, is_what_the_pipeline_makes) {
  const auto& [index, oddity] = GetParam();
  const Example example = examples()[index];
  add_input("a", content(example.left, oddity, example.filler));
  add_input("b", content(example.right, oddity, example.filler));
  for (const char* const name : {"0", "ab", "z"}) {
    if (oddity == Oddity::empty_files) add_input(name, "");
  }
  Parameters parameters = example.parameters;
  if (parameters.contains("right")) parameters["right"] = inputs_ + "/b";
  const std::string expected = shell("inputs='" + inputs_ + "'" + functions + example.pipeline);
  const bool is_long = oddity == Oddity::long_lines;
  for (const std::uint64_t size : is_long ? std::vector{1'000'000} : std::vector{1, 7, 1000}) {
    JobRequest request = this->example(example.name, parameters, size);
    request.memory = 100'000;
    const std::string actual = output_of(request);
    const bool equal = (example.order == Order::sorted ? sorted_lines(actual) : actual) == expected;
    EXPECT_TRUE(equal) << example.name << " with splits of " << size << " bytes:\n"
                       << actual.substr(0, 1000) << "instead of\n"
                       << expected.substr(0, 1000);
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, Matrix,
                         testing::Combine(testing::Range<std::size_t>(0, examples().size()),
                                          testing::Values(Oddity::none, Oddity::crlf,
                                                          Oddity::no_final_newline,
                                                          Oddity::empty_files, Oddity::no_utf8,
                                                          Oddity::one_key, Oddity::long_lines)),
                         [](const auto& combination) {
                           const std::size_t index = std::get<0>(combination.param);
                           return examples()[index].name + std::to_string(index) + "_of_" +
                                  name_of(std::get<1>(combination.param));
                         });

// ---- records of 100 bytes ----------------------------------------------------------------------

using Records = WholeJob;

std::string record(const std::string& key, char filler) {
  return key + std::string(88, filler) + "\r\n";
}

TEST_F(Records, of_one_key_or_of_any_bytes_are_sorted_wherever_they_are_cut) {
  std::string wild;
  for (const char byte : {'\x80', '\x01', '\xFF', 'a', '\x7F'}) {
    wild += record(std::string(10, byte), 'w');
  }
  for (const std::uint64_t size : {1, 250}) {
    add_input("a", record("same key!!", 'c') + record("same key!!", 'a'));
    add_input("b", wild + record("same key!!", 'b'));
    add_input("empty", "");
    run_afresh(example("terasort", {}, size));
    const std::string sorted = output();
    EXPECT_EQ(sorted_lines(sorted), shell("cat * | sort"));
    // The order of those with one key is nobody's business.
    std::string keys;
    for (std::size_t at = 0; at < sorted.size(); at += 100) keys += sorted.substr(at, 10) + "\n";
    EXPECT_EQ(keys, shell("cat * | cut -b -10 | sort"));
    fs::remove_all(output_);
  }
}

}  // namespace
}  // namespace mesolite::hadoop
