// Reading the tree, and blanking out what is not code.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "rules.hpp"

namespace mesolite::tidy {
namespace {

// Walks over a file once and copies code; all else becomes blanks, line ends stay.
class Blanker {
 public:
  explicit Blanker(std::string_view content) : in_(content), out_(content) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return out_;
  }

 private:
  void step() {
    if (ahead("//")) return blank_until("\n", 0);
    if (ahead("/*")) return blank_until("*/", 2);
    if (ahead("R\"") && !in_word()) return blank_raw_string();
    if (in_[at_] == '"') return blank_quoted('"');
    // 1'000 is one number, not the start of a character.
    if (in_[at_] == '\'' && !in_word()) return blank_quoted('\'');
    ++at_;
  }

  bool ahead(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  bool in_word() const {
    return at_ > 0 && std::isalnum(static_cast<unsigned char>(in_[at_ - 1])) != 0;
  }

  void blank_to(std::size_t end) {
    for (; at_ < std::min(end, in_.size()); ++at_) {
      if (in_[at_] != '\n') out_[at_] = ' ';
    }
  }

  void blank_until(std::string_view end, std::size_t extra) {
    const std::size_t found = in_.find(end, at_ + 2);
    blank_to(found == std::string_view::npos ? in_.size() : found + extra);
  }

  void blank_raw_string() {
    const std::size_t open = in_.find('(', at_);
    if (open == std::string_view::npos) return blank_to(in_.size());
    const std::string end = ")" + std::string(in_.substr(at_ + 2, open - at_ - 2)) + "\"";
    blank_until(end, end.size());
  }

  // The quotes stay, so that `include ""` and `case ''` keep their shape.
  void blank_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < in_.size() && in_[end] != quote && in_[end] != '\n') {
      end += in_[end] == '\\' ? 2 : 1;
    }
    ++at_;
    blank_to(end);
    at_ = std::min(end + 1, in_.size());
  }

  std::string_view in_;
  std::string out_;
  std::size_t at_ = 0;
};

std::vector<std::string> lines_of(std::string_view content) {
  std::vector<std::string> lines;
  std::istringstream stream{std::string(content)};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool is_source(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 5> extensions = {".hpp", ".h", ".cpp", ".c", ".def"};
  return std::find(extensions.begin(), extensions.end(), path.extension().string()) !=
         extensions.end();
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

}  // namespace

SourceFile source_file(std::string path, std::string_view content) {
  return {std::move(path), lines_of(content), lines_of(Blanker(content).run())};
}

std::vector<SourceFile> load_tree(const std::string& root) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (const char* folder : {"sdk", "kernel", "modules", "frameworks", "tests"}) {
    if (!fs::exists(fs::path(root) / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      files.push_back(
          source_file(fs::relative(entry.path(), root).string(), content_of(entry.path())));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace mesolite::tidy
