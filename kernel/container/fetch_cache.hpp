// FetchCache: copies of what was fetched, one of each content, however many URIs have brought it.
//
// A copy is named by the SHA-256 of what it holds and found again by a key (user and URI). When the
// copies outgrow their limit, the keys that were not asked for the longest go, and with the last
// key of a content its copy. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <string>
#include <unordered_map>

#include "kernel/container/descriptor.hpp"
#include "kernel/container/fetch/fetch_messages.hpp"

namespace mesolite::container {

class FetchCache {
 public:
  // What `directory` holds is removed.
  FetchCache(std::filesystem::path directory, std::uint64_t bytes_max);

  struct Copy {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::string etag;
    std::string modified_at;
  };
  // Counts as a use.
  const Copy* find(const std::string& key);
  // Takes a copy of the file for the key. What cannot be kept is simply not there.
  void keep(const std::string& key, const Descriptor& file, const Fetched& fetched);

  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    Copy copy;
  };
  bool make_room(std::uint64_t bytes);
  void forget(const std::string& key);

  const std::filesystem::path directory_;
  const std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::list<Entry> entries_;  // longest unused first
  std::unordered_map<std::string, std::list<Entry>::iterator> index_;
  std::unordered_map<std::string, std::size_t> keys_of_;  // by path: how many share the copy
};

}  // namespace mesolite::container
