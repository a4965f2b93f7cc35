#include "kernel/runtime/checkpoint_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>

namespace mesolite::runtime {
namespace {

namespace fs = std::filesystem;
using container::Descriptor;

constexpr std::string_view prefix = "checkpoints-";
constexpr const char* unfinished = ".new";
constexpr const char* set_aside = ".damaged";
constexpr mode_t file_mode = 0600;  // it holds the tokens of executors
constexpr std::uint64_t generations_kept = 2;

// None: the file is no generation.
std::optional<std::uint64_t> number_in(const std::string& name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  const char* end = name.data() + name.size();
  std::uint64_t number = 0;
  const auto read = std::from_chars(name.data() + prefix.size(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

// Not blocking and following nothing: whatever lies there must not hold up the agent.
Result<std::string> read_whole(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return system_failure("it cannot be opened", errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return system_failure("it cannot be looked at", errno);
  if (!S_ISREG(facts.st_mode)) return failure("it is not a regular file");
  std::string content(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("it cannot be read", errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

// errno, or 0.
int write_whole(const Descriptor& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fdatasync(file.get()) == 0 ? 0 : errno;
}

int sync_directory(const fs::path& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory && ::fsync(directory.get()) == 0 ? 0 : errno;
}

}  // namespace

Result<std::unique_ptr<CheckpointStore>> CheckpointStore::open(fs::path directory,
                                                               std::size_t changes_bytes_min) {
  std::error_code error;
  if (fs::create_directories(directory, error)) {
    fs::permissions(directory, fs::perms::owner_all, error);
  }
  if (error || !fs::is_directory(directory, error)) {
    return failure("cannot make the directory of checkpoints '" + directory.string() +
                   "': " + (error ? error.message() : "something else is there"));
  }
  std::unique_ptr<CheckpointStore> store(
      new CheckpointStore(std::move(directory), changes_bytes_min));
  store->read();
  return store;
}

CheckpointStore::CheckpointStore(fs::path directory, std::size_t changes_bytes_min)
    : directory_(std::move(directory)), changes_bytes_min_(changes_bytes_min) {}

fs::path CheckpointStore::path_of(std::uint64_t number) const {
  return directory_ / (std::string(prefix) + std::to_string(number));
}

std::vector<CheckpointStore::Generation> CheckpointStore::generations() const {
  std::vector<Generation> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto number = number_in(entry->path().filename());
    if (number) found.push_back({*number, entry->path()});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.number > b.number; });
  return found;
}

void CheckpointStore::read() {
  const auto found = generations();
  if (!found.empty()) number_ = found.front().number;
  for (const Generation& generation : found) {
    if (read(generation)) return;
  }
}

// False if nothing of it can be used.
bool CheckpointStore::read(const Generation& generation) {
  const std::string name = "checkpoints '" + generation.path.string() + "'";
  const auto file = read_whole(generation.path);
  if (!file) {
    problems_.push_back(name + ": " + file.error().message + "; an older generation is used");
    damaged_.push_back(generation.path);
    return false;
  }
  CheckpointContent content = read_checkpoints(*file);
  if (!content.problem.empty()) {
    const char* instead =
        content.usable ? "what was written before is used" : "an older generation is used";
    problems_.push_back(name + ", offset " + std::to_string(content.offset) + ": " +
                        content.problem + "; " + instead);
    damaged_.push_back(generation.path);
  }
  if (content.usable) records_ = std::move(content.records);
  return content.usable;
}

Status CheckpointStore::write(const std::vector<CheckpointChange>& changes) {
  for (const CheckpointChange& change : changes) apply(change, records_);
  const bool outweighed = changes_bytes_ > std::max(changes_bytes_min_, 2 * whole_bytes_);
  if (!file_ || outweighed) return begin_generation();
  return append(changes);
}

Status CheckpointStore::append(const std::vector<CheckpointChange>& changes) {
  std::string frame;
  append_frame(frame, changes);
  changes_bytes_ += frame.size();
  const int error = write_whole(file_, frame);
  if (error == 0) return {};
  // A part of it may be there: nothing is ever appended behind that.
  file_ = Descriptor();
  return system_failure("cannot write checkpoints to '" + path_of(number_).string() + "'", error);
}

Status CheckpointStore::begin_generation() {
  file_ = Descriptor();
  const fs::path path = path_of(number_ + 1);
  const fs::path fresh = path.string() + unfinished;
  const std::string what = "cannot write checkpoints to '" + path.string() + "'";
  std::string content(checkpoint_magic);
  append_frame(content, records_);
  Descriptor file(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (!file) return system_failure(what, errno);
  int error = write_whole(file, content);
  if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) error = sync_directory(directory_);
  if (error != 0) return system_failure(what, error);
  ++number_;
  file_ = std::move(file);
  whole_bytes_ = content.size();
  changes_bytes_ = 0;
  tidy_up();
  return {};
}

// What cannot be read is kept for people under another name; what is too old goes.
void CheckpointStore::tidy_up() {
  std::error_code ignored;
  for (const fs::path& path : damaged_) fs::rename(path, path.string() + set_aside, ignored);
  damaged_.clear();
  for (const Generation& generation : generations()) {
    if (generation.number + generations_kept <= number_) fs::remove(generation.path, ignored);
  }
}

}  // namespace mesolite::runtime
