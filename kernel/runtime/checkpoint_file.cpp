#include "kernel/runtime/checkpoint_file.hpp"

#include <bit>
#include <cstring>

#include "kernel/runtime/crc32c.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::runtime {
namespace {

constexpr std::uint32_t length_mark = 0x6b636863;
constexpr std::size_t head_bytes = 12;
constexpr std::size_t frame_bytes_max = 1u << 30;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

std::uint32_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

void append_number(std::string& out, std::size_t number) {
  const auto narrow = static_cast<std::uint32_t>(number);
  out.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
}

void append_change(std::string& out, std::string_view key, std::string_view value) {
  append_number(out, key.size());
  append_number(out, value.size());
  out += key;
  out += value;
}

// Puts the head before what was appended since `begin`.
void seal(std::string& out, std::size_t begin) {
  const std::string_view payload = std::string_view(out).substr(begin + head_bytes);
  MESOLITE_CHECK(payload.size() < frame_bytes_max, "a batch of checkpoints fits a frame");
  std::string head;
  append_number(head, payload.size());
  append_number(head, payload.size() ^ length_mark);
  append_number(head, crc32c(payload));
  out.replace(begin, head_bytes, head);
}

// False if lengths lead beyond the end.
bool take_changes(std::string_view payload, CheckpointRecords& records) {
  constexpr std::size_t lengths = 8;
  while (!payload.empty()) {
    if (payload.size() < lengths) return false;
    const std::size_t key = number_at(payload, 0);
    const std::size_t value = number_at(payload, 4);
    payload.remove_prefix(lengths);
    if (payload.size() < key || payload.size() - key < value) return false;
    apply({std::string(payload.substr(0, key)), std::string(payload.substr(key, value))}, records);
    payload.remove_prefix(key + value);
  }
  return true;
}

enum class Piece : std::uint8_t { whole, cut_off, damaged };

Piece take_frame(std::string_view& rest, CheckpointRecords& records) {
  if (rest.size() < head_bytes) return Piece::cut_off;
  const std::size_t length = number_at(rest, 0);
  if ((length ^ length_mark) != number_at(rest, 4)) return Piece::damaged;
  if (rest.size() - head_bytes < length) return Piece::cut_off;
  const std::string_view payload = rest.substr(head_bytes, length);
  if (crc32c(payload) != number_at(rest, 8)) return Piece::damaged;
  if (!take_changes(payload, records)) return Piece::damaged;
  rest.remove_prefix(head_bytes + length);
  return Piece::whole;
}

}  // namespace

void apply(const CheckpointChange& change, CheckpointRecords& records) {
  if (!change.value.empty()) {
    records.insert_or_assign(change.key, change.value);
    return;
  }
  if (change.key.empty()) return records.clear();
  records.erase(change.key);
  const std::string below = change.key + "/";
  auto last = records.lower_bound(below);
  while (last != records.end() && last->first.starts_with(below)) last = records.erase(last);
}

void append_frame(std::string& out, const std::vector<CheckpointChange>& changes) {
  const std::size_t begin = out.size();
  out.append(head_bytes, '\0');
  for (const auto& [key, value] : changes) append_change(out, key, value);
  seal(out, begin);
}

void append_frame(std::string& out, const CheckpointRecords& records) {
  const std::size_t begin = out.size();
  out.append(head_bytes, '\0');
  for (const auto& [key, value] : records) append_change(out, key, value);
  seal(out, begin);
}

CheckpointContent read_checkpoints(std::string_view file) {
  CheckpointContent content;
  if (!file.starts_with(checkpoint_magic)) {
    content.problem = "this is no file of checkpoints, or of another release";
    return content;
  }
  std::string_view rest = file.substr(checkpoint_magic.size());
  Piece piece = Piece::whole;
  while (!rest.empty() && piece == Piece::whole) {
    piece = take_frame(rest, content.records);
    content.usable = content.usable || piece == Piece::whole;
  }
  content.offset = file.size() - rest.size();
  if (piece == Piece::damaged) content.problem = "the bytes there are damaged (checksum)";
  // The first frame was complete before the file got its name.
  if (!content.usable && content.problem.empty()) content.problem = "the file ends too early";
  return content;
}

}  // namespace mesolite::runtime
