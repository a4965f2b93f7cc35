#include "frameworks/mini-hadoop/tracker/job_journal.hpp"

#include <xxhash.h>

#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

namespace mesolite::hadoop {
namespace {

constexpr std::size_t head_size = 12;

// Numbers as they lie in memory: the journal never leaves its machine.
std::string frame_of(const JournalEntry& entry) {
  const std::string payload = encode(entry);
  const auto size = static_cast<std::uint32_t>(payload.size());
  const std::uint64_t hash = XXH3_64bits(payload.data(), payload.size());
  std::string frame(head_size, '\0');
  std::memcpy(frame.data(), &size, sizeof size);
  std::memcpy(frame.data() + sizeof size, &hash, sizeof hash);
  return frame + payload;
}

// The payload of the frame at the start of `bytes`; empty if there is no whole one.
std::string_view payload_in(std::string_view bytes) {
  if (bytes.size() < head_size) return {};
  std::uint32_t size = 0;
  std::uint64_t hash = 0;
  std::memcpy(&size, bytes.data(), sizeof size);
  std::memcpy(&hash, bytes.data() + sizeof size, sizeof hash);
  if (size > bytes.size() - head_size) return {};
  const std::string_view payload = bytes.substr(head_size, size);
  return XXH3_64bits(payload.data(), payload.size()) == hash ? payload : std::string_view{};
}

Result<std::string> read_all(const std::string& path) {
  const auto file = data::File::open(path);
  if (!file) return tl::unexpected(file.error());
  const auto size = file->size();
  if (!size) return tl::unexpected(size.error());
  std::string bytes(*size, '\0');
  const auto got = file->read_at(0, bytes.data(), bytes.size());
  if (!got) return tl::unexpected(got.error());
  bytes.resize(*got);
  return bytes;
}

}  // namespace

Result<std::unique_ptr<JobJournal>> JobJournal::create(const std::string& path) {
  auto file = data::File::create(path);
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<JobJournal>(new JobJournal(std::move(*file)));
}

Result<std::unique_ptr<JobJournal>> JobJournal::take_up(const std::string& path,
                                                        const std::vector<JournalEntry>& entries) {
  const std::string fresh = path + ".new";
  auto journal = create(fresh);
  if (!journal) return journal;
  for (const JournalEntry& entry : entries) (*journal)->write(entry);
  if (!(*journal)->status()) return tl::unexpected((*journal)->status().error());
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (error) return failure("cannot rename '" + fresh + "': " + error.message());
  return journal;
}

Result<std::vector<JournalEntry>> JobJournal::read(const std::string& path) {
  const auto bytes = read_all(path);
  if (!bytes) return tl::unexpected(bytes.error());
  std::vector<JournalEntry> entries;
  std::string_view left = *bytes;
  while (true) {
    const std::string_view payload = payload_in(left);
    if (payload.empty()) return entries;
    auto entry = decode<JournalEntry>(payload);
    if (!entry) return entries;
    entries.push_back(std::move(*entry));
    left.remove_prefix(head_size + payload.size());
  }
}

void JobJournal::write(const JournalEntry& entry) {
  if (status_) status_ = file_.write(frame_of(entry));
}

}  // namespace mesolite::hadoop
