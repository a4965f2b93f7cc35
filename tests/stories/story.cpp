#include "tests/stories/story.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace mesolite::testing {

namespace {

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// The story as it goes now: its own inputs, and what comes out of them.
std::vector<std::string> tell(const std::vector<std::string>& lines, Stage& stage) {
  std::vector<std::string> told;
  for (const std::string& line : lines) {
    if (line.starts_with("  ")) continue;  // an old output
    told.push_back(line);
    if (!line.starts_with("> ")) continue;
    for (const std::string& output : stage.perform(split_words(line.substr(2)))) {
      told.push_back("  " + output);
    }
  }
  return told;
}

class StoryTest : public ::testing::Test {
 public:
  StoryTest(std::filesystem::path file, StageMaker make_stage)
      : file_(std::move(file)), make_stage_(std::move(make_stage)) {}

  void TestBody() override {
    const std::vector<std::string> lines = read_lines(file_);
    ASSERT_FALSE(lines.empty()) << file_ << " is empty or cannot be read";
    const std::vector<std::string> told = tell(lines, *make_stage_());
    const char* rewrite = std::getenv("MESOLITE_REWRITE");
    if (rewrite != nullptr && std::string(rewrite) == "1") {
      std::ofstream(file_) << joined(told);
      return;
    }
    const auto difference = std::mismatch(lines.begin(), lines.end(), told.begin(), told.end());
    if (difference.first == lines.end() && difference.second == told.end()) return;
    const auto line = difference.first - lines.begin() + 1;
    const auto shown = [](auto at, auto end) { return at == end ? "(the end)" : *at; };
    FAIL() << file_.string() << ":" << line
           << ":\n  told:    " << shown(difference.first, lines.end())
           << "\n  happens: " << shown(difference.second, told.end())
           << "\nThe story as it goes now (MESOLITE_REWRITE=1 writes it):\n"
           << joined(told);
  }

 private:
  const std::filesystem::path file_;
  const StageMaker make_stage_;
};

}  // namespace

std::vector<std::string> split_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool begun = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if (c == ' ' && !quoted) {
      if (begun) words.push_back(std::exchange(word, {}));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

void register_stories(const std::string& folder, const StageMaker& make_stage) {
  const auto path = std::filesystem::path(MESOLITE_SOURCE_DIR) / "tests/stories" / folder;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".story") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const std::string suite = "Stories_" + folder;
    ::testing::RegisterTest(suite.c_str(), file.stem().c_str(), nullptr, nullptr, file.c_str(), 1,
                            [=]() -> ::testing::Test* { return new StoryTest(file, make_stage); });
  }
}

}  // namespace mesolite::testing
