// Defends: each example's output is, byte for byte, what sort, uniq, awk and join make of the same
// input, wherever it is cut and however odd it is.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "frameworks/mini-hadoop/jobs/tera_record.hpp"
#include "tests/frameworks/mini-hadoop/whole_job.hpp"

namespace mesolite::hadoop {
namespace {

class Examples : public WholeJob {
 protected:
  void expect_success(JobRequest request) {
    const JobOutcome& outcome = run(std::move(request));
    EXPECT_TRUE(outcome.succeeded) << outcome.error;
  }

  // Runs the job again from scratch for each split size.
  void expect(const std::string& expected, const std::string& name, const Parameters& parameters,
              std::initializer_list<std::uint64_t> split_sizes) {
    for (const std::uint64_t size : split_sizes) {
      JobRequest request = example(name, parameters, size);
      request.memory = 100'000;
      run_afresh(request);
      EXPECT_EQ(output(), expected) << name << " with splits of " << size << " bytes";
      std::filesystem::remove_all(output_);
    }
  }

  // Lines with everything that may go wrong: CR LF, empty ones, bytes that are no UTF-8, no end.
  void add_odd_lines() {
    add_input("odd", "b\r\n\r\n\n\xFF\xFE\x80 \tx\nb\r\naa\nlast");
    add_input("empty", "");
    add_input("one", "c");
  }
};

// Adds the end that the last line of a file may lack.
constexpr const char* ended_lines = "for f in *; do sed -e '$a\\' $f; done";

TEST_F(Examples, sort_is_sort) {
  add_input("a", random_text(1, 150'000));
  add_input("b", random_text(2, 30'000) + "\nno end");
  expect(shell(std::string(ended_lines) + " | sort"), "sort", {}, {7'000, 1'000'000});
}

TEST_F(Examples, sort_of_odd_lines_is_sort_with_splits_of_one_byte_too) {
  add_odd_lines();
  add_input("zeros", std::string("a\0b\na\n\0\n", 8));
  expect(shell(std::string(ended_lines) + " | sort"), "sort", {}, {1, 100});
}

TEST_F(Examples, sort_by_numbers_and_reversed_is_sort_with_its_options) {
  std::string numbers;
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    numbers += std::to_string(static_cast<int>(random.below(500)) - 250) + " x\n";
  }
  numbers += "nan\ninf\n1e3\n-0\n0.50\n.5\n\t007\n-.5\n- 1\n--1\n1.\n0.500\n-0.49\n";
  numbers += "12345678901234567890124\n12345678901234567890123\n-12345678901234567890123.5\n";
  add_input("a", numbers);
  expect(shell("sort -n a"), "sort", {{"numeric", "true"}}, {2'000});
  expect(shell("sort -r a"), "sort", {{"reverse", "true"}}, {2'000});
  expect(shell("sort -n -r a"), "sort", {{"numeric", "true"}, {"reverse", "true"}}, {2'000});
}

TEST_F(Examples, sort_of_equal_keys_and_of_a_very_long_line_is_sort) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "the same\n";
  add_input("a", text);
  add_input("b", std::string(10'000'000, 'x') + "\nshort\n");
  expect(shell("cat a b | sort"), "sort", {}, {1'000'000});
}

TEST_F(Examples, word_count_of_odd_text_is_uniq_with_splits_of_one_byte_too) {
  add_odd_lines();
  expect_success(example("wordcount", {}, 1));
  EXPECT_EQ(sorted_lines(output()),
            shell("for f in odd one; do cat $f; echo; done | tr -s '[:space:]' '\\n' | grep -a . |"
                  " sort | uniq -c | awk '{print $2 \"\\t\" $1}' | sort"));
}

TEST_F(Examples, top_words_are_those_of_uniq_and_head) {
  add_input("a", random_text(4, 100'000));
  expect(shell("tr -s '[:space:]' '\\n' < a | sort | uniq -c | sort -k1,1nr -k2 | head -20 |"
               " awk '{print $1 \"\\t\" $2}'"),
         "topn", {{"limit", "20"}}, {10'000});
}

TEST_F(Examples, inverted_index_is_that_of_awk) {
  for (int i = 0; i < 3; ++i) add_input("f" + std::to_string(i), random_text(5 + i, 20'000));
  expect_success(example("invertedindex", {}, 5'000));
  EXPECT_EQ(sorted_lines(output()),
            shell("awk -v d='" + inputs_ +
                  "/' '{for (i = 1; i <= NF; ++i) ++n[$i \"\\t\" d FILENAME]}"
                  " END {for (k in n) print k \":\" n[k]}' RS='[ \\t\\r\\n]+' f0 f1 f2 | sort |"
                  " awk -F'\\t' '$1 != w {if (NR > 1) print l; w = $1; l = $0; next}"
                  " {l = l \"\\t\" $2} END {print l}' | sort"));
}

TEST_F(Examples, join_is_join) {
  std::string left;
  std::string right;
  Random random(6);
  for (int i = 0; i < 500; ++i) {
    left += "k" + std::to_string(random.below(200)) + "\tleft " + std::to_string(i) + "\n";
    right += "k" + std::to_string(random.below(200)) + "\tright " + std::to_string(i) + "\n";
  }
  add_input("left", left);
  add_input("right", right + "k1");
  expect_success(example("join", {{"right", inputs_ + "/right"}}, 700));
  EXPECT_EQ(sorted_lines(output()),
            shell("t=$(printf '\\t'); sort left > l; sort right > r; join -t \"$t\" l r | sort;"
                  " rm l r"));
}

TEST_F(Examples, secondary_sort_is_sort_by_two_numbers) {
  std::string text;
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    text += std::to_string(static_cast<int>(random.below(40)) - 20) + " " +
            std::to_string(static_cast<int>(random.below(2000)) - 1000) + "\n";
  }
  add_input("a", text);
  JobRequest request = example("secondarysort", {}, 900);
  request.stages[0].reduces = 1;
  expect_success(std::move(request));
  EXPECT_EQ(output(), shell("sort -k1,1n -k2,2n a | awk '$1 != g {print "
                            "\"------------------------------------------------\"; g = $1}"
                            " {print $1 \"\\t\" $2}'"));
}

TEST_F(Examples, pi_counts_the_points_that_awk_counts) {
  JobRequest request = example("pi", {{"maps", "4"}, {"samples", "2500"}});
  expect_success(std::move(request));
  EXPECT_EQ(output(),
            shell("awk 'function inverse(i, b,  x, f) {x = 0; f = 1; while (i > 0) {f /= b;"
                  " x += f * (i % b); i = int(i / b)} return x}"
                  " BEGIN {n = 10000; for (i = 1; i <= n; ++i) {x = inverse(i, 2) - 0.5;"
                  " y = inverse(i, 3) - 0.5; if (x * x + y * y <= 0.25) ++c}"
                  " printf \"inside\\t%d\\noutside\\t%d\\npi\\t%.15f\\n\", c, n - c, 4 * c / n}'"));
}

// ---- tera --------------------------------------------------------------------------------------

class Tera : public Examples {
 protected:
  // Lets one job's output be the next one's input.
  void output_becomes_input() {
    std::filesystem::remove_all(inputs_);
    std::filesystem::rename(output_, inputs_);
  }
};

TEST_F(Tera, records_are_lines_of_a_hundred_printable_bytes_that_never_repeat) {
  std::set<std::string> keys;
  for (std::uint64_t row = 0; row < 1000; ++row) {
    const TeraRecord record = make_tera_record(row);
    EXPECT_EQ(make_tera_record(row), record);
    for (const char byte : std::string(record.data(), 98)) EXPECT_TRUE(byte >= ' ' && byte <= '~');
    EXPECT_EQ(std::string(record.data() + 98, 2), "\r\n");
    keys.emplace(record.data(), tera_key_size);
  }
  EXPECT_EQ(keys.size(), 1000U);
}

TEST_F(Tera, sort_is_sort_and_validate_proves_it) {
  expect_success(example("teragen", {{"rows", "20011"}, {"maps", "3"}}));
  EXPECT_EQ(output_files(),
            (std::set<std::string>{"_SUCCESS", "part-m-00000", "part-m-00001", "part-m-00002"}));
  const std::uint64_t checksum = scheduler_->outcome().counters.at("checksum");
  output_becomes_input();
  JobRequest request = example("terasort", {}, 300'001);
  request.memory = 400'000;  // so that it spills
  run_afresh(request);
  EXPECT_EQ(output(), shell("cat part-* | sort"));
  output_becomes_input();
  const JobOutcome validated = run_afresh(example("teravalidate", {}, 100'000));
  EXPECT_EQ(output(),
            "records\t20011\nchecksum\t" + std::to_string(checksum) + "\nout of order\t0\n");
  EXPECT_FALSE(validated.counters.contains("records out of order"));
}

TEST_F(Tera, validate_finds_the_one_record_that_is_out_of_order) {
  std::string records;
  for (const char letter : {'a', 'b', 'd', 'c', 'e'}) {
    records += std::string(tera_key_size, letter) + std::string(90, '.');
  }
  add_input("part-r-00000", records.substr(0, 200));
  add_input("part-r-00001", records.substr(200));
  expect_success(example("teravalidate"));
  EXPECT_NE(output().find("out of order\t1\nthe first of them\t'" + inputs_ +
                          "/part-r-00001' byte 100\n"),
            std::string::npos)
      << output();
}

TEST_F(Tera, sort_refuses_a_file_that_is_no_multiple_of_a_record) {
  add_input("a", "too short");
  const JobOutcome& outcome = run(example("terasort"));
  EXPECT_FALSE(outcome.succeeded);
  EXPECT_NE(outcome.error.find("has 9 bytes, which is no multiple of the 100"), std::string::npos)
      << outcome.error;
}

}  // namespace
}  // namespace mesolite::hadoop
