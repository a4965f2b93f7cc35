#include <cmath>
#include <fstream>
#include <stdexcept>

#include "mesolite/base/random.hpp"
#include "tests/bench/hadoop/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr std::uint64_t words = 1'000'000;
constexpr int words_in_a_line = 12;
constexpr std::size_t write_size = 4'000'000;

// Three letters or more, another word for each rank; frequent ones are not the shorter ones.
void append_word(std::string& text, std::uint64_t rank) {
  std::uint64_t number = (rank * 7'368'787 + 1) % 16'777'213;  // both prime: no two ranks meet
  for (int letters = 0; number > 0 || letters < 3; ++letters) {
    text.push_back(static_cast<char>('a' + number % 26));
    number /= 26;
  }
}

}  // namespace

void write_zipf_text(const std::filesystem::path& file, std::uint64_t size) {
  std::ofstream out(file, std::ios::binary);
  Random random(1);
  const double log_words = std::log(static_cast<double>(words));
  std::string text;
  std::uint64_t written = 0;
  for (std::uint64_t word = 1; written < size; ++word) {
    // The inverse of the distribution with density 1 / rank.
    const double uniform = static_cast<double>(random.below(1ULL << 53)) * 0x1p-53;
    append_word(text, static_cast<std::uint64_t>(std::exp(uniform * log_words)));
    text.push_back(word % words_in_a_line == 0 ? '\n' : ' ');
    if (text.size() < write_size) continue;
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    written += text.size();
    text.clear();
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace mesolite::bench
