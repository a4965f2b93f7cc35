#include "frameworks/mini-hadoop/cli/job_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t ended_max = 100;  // folders of jobs that have ended

Status write_file(const std::string& path, const std::string& bytes) {
  auto fresh = data::File::create(path + ".new");
  if (!fresh) return tl::unexpected(fresh.error());
  if (auto written = fresh->write(bytes); !written) return written;
  if (auto closed = fresh->close(); !closed) return closed;
  std::error_code error;
  fs::rename(fresh->path(), path, error);
  if (error) return failure("cannot rename '" + fresh->path() + "': " + error.message());
  return {};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return failure("cannot read '" + path + "'");
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

template <class T>
Result<T> read_value(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return decode<T>(*bytes);
}

// A descriptor that holds the lock, or -1: somebody else does.
int take_lock(const std::string& folder) {
  const int file = open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  if (file >= 0) close(file);
  return -1;
}

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      json += {'\\', byte};
    } else if (static_cast<unsigned char>(byte) < ' ') {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(byte));
      json += escaped;
    } else {
      json += byte;
    }
  }
  return json + "\"";
}

// "job-20261123-071500-4711": sorts by time, and is one of its own in each process.
std::string new_id() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[64];
  std::strftime(text, sizeof text, "job-%Y%m%d-%H%M%S-", &parts);
  return text + std::to_string(getpid());
}

}  // namespace

std::string to_json(const JobRecord& record) {
  std::string json = "{\"id\":" + quoted(record.id) + ",\"name\":" + quoted(record.name) +
                     ",\"state\":" + quoted(std::string(mesolite::to_text(record.condition))) +
                     ",\"started\":" + std::to_string(record.started) +
                     ",\"ended\":" + std::to_string(record.ended) +
                     ",\"output\":" + quoted(record.output) +
                     ",\"maps\":" + std::to_string(record.maps) +
                     ",\"reduces\":" + std::to_string(record.reduces) +
                     ",\"attempts\":" + std::to_string(record.attempts) +
                     ",\"error\":" + quoted(record.error) + ",\"counters\":{";
  bool first = true;
  for (const auto& [name, value] : record.counters) {
    json += (first ? "" : ",") + quoted(name) + ":" + std::to_string(value);
    first = false;
  }
  return json + "}}";
}

// ---- the folder of a job -----------------------------------------------------------------------

JobFolder::~JobFolder() {
  close(lock_);
}

bool JobFolder::kill_wanted() const {
  std::error_code ignored;
  return fs::exists(path_ + "/kill", ignored);
}

void JobFolder::save(const JobRecord& record) const {
  (void)write_file(path_ + "/state", encode(record));
}

// ---- all jobs ----------------------------------------------------------------------------------

Result<JobStore> JobStore::open() {
  const char* const own = std::getenv("MINI_HADOOP_HOME");
  const char* const home = std::getenv("HOME");
  const std::string path =
      own != nullptr ? own : std::string(home != nullptr ? home : "/tmp") + "/.mini-hadoop";
  std::error_code error;
  fs::create_directories(path + "/jobs", error);
  if (error) return failure("cannot make '" + path + "/jobs': " + error.message());
  return JobStore(fs::absolute(path).string());
}

Result<std::unique_ptr<JobFolder>> JobStore::create(const StoredJob& job, JobRecord& record) const {
  record.id = new_id();
  const std::string path = folder(record.id);
  std::error_code error;
  fs::create_directory(path, error);
  if (error) return failure("cannot make '" + path + "': " + error.message());
  // It holds the secret of the job's blocks.
  fs::permissions(path, fs::perms::owner_all, error);
  const int lock = take_lock(path);
  if (lock < 0) return failure("cannot lock '" + path + "'");
  std::unique_ptr<JobFolder> made(new JobFolder(path, lock));
  if (auto written = write_file(path + "/job", encode(job)); !written) {
    fs::remove_all(path, error);
    return tl::unexpected(written.error());
  }
  made->save(record);
  forget_old();
  return made;
}

// The history keeps what is worth knowing of them.
void JobStore::forget_old() const {
  std::vector<JobRecord> all = records();
  std::erase_if(all, [](const JobRecord& r) { return r.condition == JobCondition::running; });
  std::error_code ignored;
  for (std::size_t i = 0; i + ended_max < all.size(); ++i)
    fs::remove_all(folder(all[i].id), ignored);
}

Result<std::unique_ptr<JobFolder>> JobStore::take_up(const std::string& id) const {
  const auto found = record(id);
  if (!found) return tl::unexpected(found.error());
  if (found->condition != JobCondition::running) {
    return failure("job '" + id +
                   "' has ended: " + std::string(mesolite::to_text(found->condition)));
  }
  const int lock = take_lock(folder(id));
  if (lock < 0) return failure("the scheduler of job '" + id + "' is alive");
  return std::unique_ptr<JobFolder>(new JobFolder(folder(id), lock));
}

Result<StoredJob> JobStore::job(const std::string& id) const {
  return read_value<StoredJob>(folder(id) + "/job");
}

Result<JobRecord> JobStore::record(const std::string& id) const {
  std::error_code ignored;
  const bool known = !id.empty() && id.find('/') == std::string::npos &&
                     fs::exists(folder(id) + "/state", ignored);
  if (!known) return failure("there is no job '" + id + "'");
  return read_value<JobRecord>(folder(id) + "/state");
}

std::vector<JobRecord> JobStore::records() const {
  std::vector<JobRecord> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(home_ + "/jobs", error)) {
    auto found = record(entry.path().filename().string());
    if (found) all.push_back(std::move(*found));
  }
  std::sort(all.begin(), all.end(),
            [](const JobRecord& a, const JobRecord& b) { return a.id < b.id; });
  return all;
}

bool JobStore::is_alive(const std::string& id) const {
  const int lock = take_lock(folder(id));
  if (lock >= 0) close(lock);
  return lock < 0;
}

Status JobStore::want_kill(const std::string& id) const {
  const auto found = record(id);
  if (!found) return tl::unexpected(found.error());
  if (found->condition != JobCondition::running || !is_alive(id)) {
    return failure("job '" + id + "' does not run");
  }
  return write_file(folder(id) + "/kill", "");
}

void JobStore::add_to_history(const JobRecord& record) const {
  std::ofstream(home_ + "/history.jsonl", std::ios::app) << to_json(record) << '\n';
}

std::string JobStore::history() const {
  return read_file(home_ + "/history.jsonl").value_or("");
}

}  // namespace mesolite::hadoop
