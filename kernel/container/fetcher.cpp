#include "kernel/container/fetcher.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <set>

#include "kernel/container/helper.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t threads_max = 4;
constexpr std::size_t answer_bytes_max = 1u << 20;
// What a fetch needs to find its way out of the machine.
constexpr const char* passed_on[] = {"http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY",
                                     "NO_PROXY"};

// The last part of the path of a URI.
std::string last_part(const std::string& uri) {
  const std::string path = uri.substr(0, uri.find_first_of("?#"));
  return path.substr(path.rfind('/') + 1);
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
         name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

std::string key_of(const FetchJob& job, const FetchItem& item) {
  const std::string user = job.identity ? std::to_string(job.identity->uid) : "";
  return user + " " + item.uri.value;
}

}  // namespace

Result<std::vector<FetchItem>> plan_fetch(const std::vector<Uri>& uris) {
  std::vector<FetchItem> items;
  std::set<std::string> names;
  for (const Uri& uri : uris) {
    FetchItem item;
    item.uri = uri;
    item.file = uri.output_file.empty() ? last_part(uri.value) : uri.output_file;
    if (!is_plain_name(item.file)) {
      return failure("URI '" + uri.value + "': '" + item.file + "' is no name of a file");
    }
    if (item.file == "stdout" || item.file == "stderr") {
      return failure("URI '" + uri.value + "': '" + item.file + "' is where the output goes");
    }
    if (!names.insert(item.file).second) {
      return failure("URI '" + uri.value + "': another one becomes '" + item.file + "' too");
    }
    items.push_back(std::move(item));
  }
  return items;
}

Fetcher::Fetcher(FetcherSettings settings, Done done)
    : settings_(std::move(settings)), done_(std::move(done)) {}

Fetcher::~Fetcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& [container, pid] : running_) {
      if (pid > 0) ::kill(pid, SIGKILL);
    }
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Fetcher::fetch(FetchJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (!cache_) cache_.emplace(settings_.cache_directory, settings_.cache_bytes_max);
    running_[job.container] = 0;
    waiting_.push_back(std::move(job));
    if (threads_.size() < threads_max && running_.size() > threads_.size()) {
      threads_.emplace_back([this] { run(); });
      ::pthread_setname_np(threads_.back().native_handle(), "fetcher");
    }
  }
  changed_.notify_one();
}

void Fetcher::cancel(const ContainerId& container) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.extract(container);
  // Its process is not reaped before it has left the table.
  if (!running.empty() && running.mapped() > 0) ::kill(running.mapped(), SIGKILL);
}

void Fetcher::run() {
  while (true) {
    FetchJob job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (ending_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Status status = carry_out(job);
    {
      const std::lock_guard lock(mutex_);
      running_.erase(job.container);
      if (ending_) return;
    }
    done_(job.container, std::move(status));
  }
}

Status Fetcher::carry_out(const FetchJob& job) {
  auto items = plan_fetch(job.uris);
  if (!items) return tl::unexpected(items.error());
  FetchOrder order;
  order.identity = job.identity;
  order.items = std::move(*items);
  order.bytes_max = settings_.bytes_max;
  order.entries_max = settings_.entries_max;
  order.stall_timeout = settings_.stall_timeout;
  const std::vector<Descriptor> copies = offer_copies(job, order);
  const auto answer = ask(job, order, copies);
  if (!answer) return tl::unexpected(answer.error());
  if (!answer->error.empty()) return failure(answer->error);
  keep_copies(job, order, *answer);
  return {};
}

std::vector<Descriptor> Fetcher::offer_copies(const FetchJob& job, FetchOrder& order) {
  std::vector<Descriptor> copies;
  const std::lock_guard lock(mutex_);
  for (FetchItem& item : order.items) {
    const FetchCache::Copy* copy = item.uri.cache ? cache_->find(key_of(job, item)) : nullptr;
    if (copy == nullptr) continue;
    Descriptor file(::open(copy->path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) continue;
    item.cached = true;
    item.etag = copy->etag;
    item.modified_at = copy->modified_at;
    copies.push_back(std::move(file));
  }
  return copies;
}

void Fetcher::keep_copies(const FetchJob& job, const FetchOrder& order, const FetchAnswer& answer) {
  for (std::size_t i = 0; i < order.items.size() && i < answer.items.size(); ++i) {
    const FetchItem& item = order.items[i];
    const Fetched& fetched = answer.items[i];
    if (!item.uri.cache || fetched.from_cache) continue;
    // By then it is the task's, which may have put anything in its place.
    const Descriptor file(::openat(job.sandbox.get(), item.file.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) continue;
    const std::lock_guard lock(mutex_);
    cache_->keep(key_of(job, item), file, fetched);
  }
}

Result<FetchAnswer> Fetcher::ask(const FetchJob& job, const FetchOrder& order,
                                 const std::vector<Descriptor>& copies) {
  const auto input = make_order(encode(order));
  const auto output = make_order("");
  if (!input) return tl::unexpected(input.error());
  if (!output) return tl::unexpected(output.error());
  std::vector<int> descriptors{input->get(), STDOUT_FILENO, STDERR_FILENO, job.sandbox.get(),
                               output->get()};
  for (const Descriptor& copy : copies) descriptors.push_back(copy.get());
  const auto pid = begin(job, std::move(descriptors));
  if (!pid) return tl::unexpected(pid.error());
  siginfo_t ended{};
  // Left as a zombie until nobody can mean its number any more.
  ::waitid(P_PID, static_cast<id_t>(*pid), &ended, WEXITED | WNOWAIT);
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    cancelled = running_.erase(job.container) == 0;
  }
  ::waitpid(*pid, nullptr, 0);
  if (cancelled) return failure("killed while its files were fetched");
  auto answer = decode<FetchAnswer>(read_answer(*output, answer_bytes_max));
  if (!answer) return failure("the fetcher has ended without an answer");
  return answer;
}

Result<pid_t> Fetcher::begin(const FetchJob& job, std::vector<int> descriptors) {
  Helper helper{"the fetcher", settings_.program, {}, {}, std::move(descriptors)};
  for (const char* name : passed_on) {
    const char* value = ::getenv(name);  // NOLINT: nobody sets any
    if (value != nullptr) helper.environment.push_back(std::string(name) + "=" + value);
  }
  const std::lock_guard lock(mutex_);
  const auto running = running_.find(job.container);
  if (running == running_.end()) return failure("killed while its files were fetched");
  auto pid = start_helper(helper);
  if (pid) running->second = *pid;
  return pid;
}

}  // namespace mesolite::container
