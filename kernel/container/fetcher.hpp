// Fetcher: brings the files that commands name by URI into their sandboxes, and keeps copies of
// those that ask for it.
//
// Each launch has a process of its own (mesolite-fetch), so nothing that comes from outside is read
// in this one. A copy in the cache (fetch_cache.hpp) is asked about at its server before it is
// used: what has changed is fetched anew.
//
// A few threads of its own, begun with the first fetch; its functions are safe from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kernel/container/descriptor.hpp"
#include "kernel/container/fetch/fetch_messages.hpp"
#include "kernel/container/fetch_cache.hpp"

namespace mesolite::container {

struct FetcherSettings {
  std::string program;                         // mesolite-fetch
  std::filesystem::path cache_directory;       // emptied at the first use
  std::uint64_t cache_bytes_max = 2ull << 30;  // 0: nothing is kept
  std::uint64_t bytes_max = 10ull << 30;       // of one file, and of what comes out of an archive
  std::uint64_t entries_max = 1'000'000;       // of an archive
  Duration stall_timeout{1min};
};

struct FetchJob {
  ContainerId container;
  Descriptor sandbox;  // its directory
  std::vector<Uri> uris;
  std::optional<Identity> identity;
};

// The files that these URIs become, or why they cannot be meant: a sentence.
Result<std::vector<FetchItem>> plan_fetch(const std::vector<Uri>& uris);

class Fetcher {
 public:
  // Called on a thread of the fetcher, once for each job.
  using Done = std::function<void(const ContainerId&, Status)>;

  Fetcher(FetcherSettings settings, Done done);
  ~Fetcher();  // ends what is under way; nothing is called any more
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  void fetch(FetchJob job);
  // It fails soon, if it is not done yet.
  void cancel(const ContainerId& container);

 private:
  void run();
  Status carry_out(const FetchJob& job);
  Result<FetchAnswer> ask(const FetchJob& job, const FetchOrder& order,
                          const std::vector<Descriptor>& copies);
  std::vector<Descriptor> offer_copies(const FetchJob& job, FetchOrder& order);
  void keep_copies(const FetchJob& job, const FetchOrder& order, const FetchAnswer& answer);
  Result<pid_t> begin(const FetchJob& job, std::vector<int> descriptors);

  const FetcherSettings settings_;
  const Done done_;
  // Guards all below; held for bookkeeping, and while a copy is made for the cache, which nobody
  // waits for but other fetches.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<FetchJob> waiting_;
  std::map<ContainerId, pid_t> running_;  // 0: not begun, or cancelled
  std::optional<FetchCache> cache_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

}  // namespace mesolite::container
