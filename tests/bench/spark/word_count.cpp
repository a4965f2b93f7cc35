// The words of 1 GB of text.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "tests/bench/spark/parts.hpp"

namespace mesolite::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t input_size = 1'000'000'000;
constexpr const char* source = "/usr/share/common-licenses";

std::string text_of_licences() {
  std::string text;
  for (const auto& entry : fs::directory_iterator(source)) {
    if (entry.is_regular_file()) text += harness::read_file(entry.path()) + "\n";
  }
  if (text.empty()) throw std::runtime_error(std::string("no text in ") + source);
  return text;
}

void write_text(const fs::path& path) {
  const std::string text = text_of_licences();
  std::ofstream out(path, std::ios::binary);
  for (std::size_t left = input_size; left > 0;) {
    const std::size_t size = std::min(left, text.size());
    out.write(text.data(), static_cast<std::streamsize>(size));
    left -= size;
  }
  if (!out.flush()) throw std::runtime_error("cannot write the input");
}

// The words between blanks; both sides use it.
template <class Take>
inline void for_each_word(std::string_view text, Take&& take) {
  const char* begin = text.data();
  const char* const end = begin + text.size();
  for (const char* at = begin; at != end; ++at) {
    if (static_cast<unsigned char>(*at) > ' ') continue;
    if (at > begin) take(std::string_view(begin, static_cast<std::size_t>(at - begin)));
    begin = at + 1;
  }
  if (end > begin) take(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

// What a careful person writes by hand: an open table of views, hashed by FNV-1a.
class Table {
 public:
  Table() : slots_(std::size_t{1} << 17) {}
  void add(std::string_view word) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    std::size_t at = (hash ^ hash >> 32) & (slots_.size() - 1);
    while (slots_[at].count > 0 && slots_[at].word != word) at = (at + 1) & (slots_.size() - 1);
    slots_[at].word = word;
    ++slots_[at].count;
  }
  void add_to(std::unordered_map<std::string, std::uint64_t>& counts) const {
    for (const Slot& slot : slots_) {
      if (slot.count > 0) counts[std::string(slot.word)] += slot.count;
    }
  }

 private:
  struct Slot {
    std::string_view word;
    std::uint64_t count = 0;
  };
  std::vector<Slot> slots_;
};

std::unordered_map<std::string, std::uint64_t> words_by_hand(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  void* const place = ::mmap(nullptr, input_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (place == MAP_FAILED) throw std::runtime_error("cannot map the input");
  ::madvise(place, input_size, MADV_POPULATE_READ);
  const std::string_view text(static_cast<const char*>(place), input_size);
  const std::size_t middle = text.find('\n', input_size / 2);
  std::vector<Table> tables(threads_count);
  on_threads([&](std::uint32_t thread) {
    const std::string_view part = thread == 0 ? text.substr(0, middle) : text.substr(middle);
    for_each_word(part, [&](std::string_view word) { tables[thread].add(word); });
  });
  std::unordered_map<std::string, std::uint64_t> counts;
  for (const Table& table : tables) table.add_to(counts);
  ::munmap(place, input_size);
  return counts;
}

}  // namespace

void measure_spark_word_count(spark::SparkContext& context, Figures& figures) {
  const Inputs inputs;
  const fs::path path = inputs.file("text");
  write_text(path);
  std::unordered_map<std::string, std::uint64_t> expected;
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  const auto hand = [&] { expected = words_by_hand(path); };
  const auto ours = [&] {
    counts = context.text_views(path.string())
                 .flat_map<std::string_view>(
                     [](std::string_view line, auto& emit) { for_each_word(line, emit); })
                 .map([](std::string_view word) { return std::pair(word, std::uint64_t{1}); })
                 .reduce_by_key([](std::uint64_t a, std::uint64_t b) { return a + b; }, 4)
                 .collect();
  };
  figures["wordcount_1gb_hand_s"] = median_s(3, hand);
  figures["wordcount_1gb_s"] = median_s(3, ours);
  if (counts.size() != expected.size()) throw std::runtime_error("wordcount: words differ");
  for (const auto& [word, count] : counts) {
    if (expected[word] != count) throw std::runtime_error("wordcount: '" + word + "' differs");
  }
}

}  // namespace mesolite::bench
