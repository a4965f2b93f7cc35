// The yardstick of word count: what one writes in ten minutes. One thread, std::unordered_map,
// isspace() byte by byte, the whole input read first.
//
// Honest about what it is: it looks words up without making a string of each (string_view), which
// the most naive program would not, and it neither sorts nor writes the counts, which a word count
// on a cluster has to. It prints how many words there were, so that nothing is optimised away.
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

using Counts = std::unordered_map<std::string, std::uint64_t, TextHash, std::equal_to<>>;

bool is_space(char byte) {
  return std::isspace(static_cast<unsigned char>(byte)) != 0;
}

std::uint64_t count_words(std::string_view text, Counts& counts) {
  std::uint64_t words = 0;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (begin == at) break;
    const std::string_view word = text.substr(begin, at - begin);
    const auto found = counts.find(word);
    if (found != counts.end()) {
      ++found->second;
    } else {
      counts.emplace(word, 1);
    }
    ++words;
  }
  return words;
}

bool read_file(const char* path, std::string& text) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return false;
  text.resize(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  return static_cast<bool>(in.read(text.data(), static_cast<std::streamsize>(text.size())));
}

}  // namespace

int main(int argc, char** argv) {
  const auto begun = std::chrono::steady_clock::now();
  Counts counts;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::string text;
  for (int i = 1; i < argc; ++i) {
    if (!read_file(argv[i], text)) {
      std::fprintf(stderr, "wordcount_single_thread: cannot read '%s'\n", argv[i]);
      return 1;
    }
    words += count_words(text, counts);
    bytes += text.size();
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::printf("%llu words, %zu distinct, %.3f s, %.0f MB/s\n",
              static_cast<unsigned long long>(words), counts.size(), taken.count(),
              static_cast<double>(bytes) / 1e6 / taken.count());
}
