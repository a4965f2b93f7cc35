#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/bench/hadoop/parts.hpp"

namespace mesolite::bench {
namespace {

class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) : size_(std::filesystem::file_size(path)) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    bytes_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (bytes_ == MAP_FAILED) throw std::runtime_error("cannot map " + path.string());
  }
  ~MappedFile() { munmap(bytes_, size_); }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view text() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  std::size_t size_;
  void* bytes_;
};

// Open addressing with linear probing; words are views of the mapped file.
class HandTable {
 public:
  struct Entry {
    std::string_view word;
    std::uint64_t count = 0;
  };

  void add(std::string_view word, std::uint64_t hash, std::uint64_t count) {
    if (2 * used_ >= entries_.size()) grow();
    std::size_t at = hash & (entries_.size() - 1);
    while (entries_[at].count > 0 && entries_[at].word != word) {
      at = (at + 1) & (entries_.size() - 1);
    }
    if (entries_[at].count == 0) ++used_;
    entries_[at].word = word;
    entries_[at].count += count;
  }
  const std::vector<Entry>& entries() const { return entries_; }

  static std::uint64_t hash_of(std::string_view word) {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const char byte : word) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211;
    return hash;
  }

 private:
  void grow() {
    std::vector<Entry> old(std::max<std::size_t>(1024, 2 * entries_.size()));
    std::swap(old, entries_);
    used_ = 0;
    for (const Entry& entry : old) {
      if (entry.count > 0) add(entry.word, hash_of(entry.word), entry.count);
    }
  }

  std::vector<Entry> entries_;
  std::size_t used_ = 0;
};

bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

void count_words(std::string_view text, HandTable& table) {
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    std::uint64_t hash = 14695981039346656037ULL;
    for (; at < text.size() && !is_space(text[at]); ++at) {
      hash = (hash ^ static_cast<unsigned char>(text[at])) * 1099511628211;
    }
    if (at > begin) table.add(text.substr(begin, at - begin), hash, 1);
  }
}

struct Key {
  std::uint64_t prefix = 0;
  std::uint32_t row = 0;
};

constexpr std::size_t record_size = 100;
constexpr std::size_t key_size = 10;

// The most significant byte first, down to runs that std::sort has in the cache.
void sort_keys(Key* keys, std::size_t count, int shift, std::string_view text) {
  const auto before = [&](const Key& a, const Key& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return text.substr(a.row * record_size, key_size) < text.substr(b.row * record_size, key_size);
  };
  if (count < 4096 || shift < 0) return std::sort(keys, keys + count, before);
  std::array<std::size_t, 257> begins{};
  for (std::size_t i = 0; i < count; ++i) ++begins[(keys[i].prefix >> shift & 0xFF) + 1];
  for (std::size_t digit = 0; digit < 256; ++digit) begins[digit + 1] += begins[digit];
  std::vector<Key> sorted(count);
  auto next = begins;
  for (std::size_t i = 0; i < count; ++i) sorted[next[keys[i].prefix >> shift & 0xFF]++] = keys[i];
  std::copy(sorted.begin(), sorted.end(), keys);
  for (std::size_t digit = 0; digit < 256; ++digit) {
    sort_keys(keys + begins[digit], begins[digit + 1] - begins[digit], shift - 8, text);
  }
}

void write_sorted(const std::vector<Key>& keys, std::string_view text, std::ofstream& out) {
  std::string buffer;
  for (const Key& key : keys) {
    buffer.append(text.substr(key.row * record_size, record_size));
    if (buffer.size() < 1'000'000) continue;
    out.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    buffer.clear();
  }
  out.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
}

}  // namespace

void count_by_hand(const std::filesystem::path& input, const std::filesystem::path& output) {
  const MappedFile file(input);
  const std::string_view text = file.text();
  std::size_t middle = text.size() / 2;
  while (middle < text.size() && !is_space(text[middle])) ++middle;
  std::array<HandTable, 2> tables;
  std::thread other([&] { count_words(text.substr(middle), tables[1]); });
  count_words(text.substr(0, middle), tables[0]);
  other.join();
  for (const auto& entry : tables[1].entries()) {
    if (entry.count > 0) tables[0].add(entry.word, HandTable::hash_of(entry.word), entry.count);
  }
  std::vector<HandTable::Entry> all;
  for (const auto& entry : tables[0].entries()) {
    if (entry.count > 0) all.push_back(entry);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.word < b.word; });
  std::ofstream out(output, std::ios::binary);
  for (const auto& entry : all) out << entry.word << '\t' << entry.count << '\n';
}

void sort_by_hand(const std::filesystem::path& input, const std::filesystem::path& output) {
  const MappedFile file(input);
  const std::string_view text = file.text();
  std::array<std::vector<Key>, 2> halves;
  for (std::uint32_t row = 0; row < text.size() / record_size; ++row) {
    std::uint64_t prefix = 0;
    std::memcpy(&prefix, text.data() + row * record_size, sizeof prefix);
    prefix = __builtin_bswap64(prefix);
    // Keys are printable: half of them begin with less than 'O'.
    halves[prefix >> 56 < 'O' ? 0 : 1].push_back({prefix, row});
  }
  std::thread other([&] { sort_keys(halves[1].data(), halves[1].size(), 56, text); });
  sort_keys(halves[0].data(), halves[0].size(), 56, text);
  other.join();
  std::ofstream out(output, std::ios::binary);
  for (const auto& half : halves) write_sorted(half, text, out);
}

}  // namespace mesolite::bench
