// FakeHdfs: what a WebHDFS name node and its data node answer, with files in memory.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "tests/frameworks/mini-hadoop/storage/fake_server.hpp"

namespace mesolite::hadoop {

class FakeHdfs {
 public:
  std::string url(const std::string& path) const { return "webhdfs://" + server_.address() + path; }
  std::string file(const std::string& path);
  int appends();
  std::string last_user();
  // As before Hadoop 3.2.
  void tell_no_locations() { tells_locations_ = false; }

  // The blocks of each file lie on "node1" and "node2" by turns.
  static constexpr std::size_t block_size = 1'000;

 private:
  FakeResponse answer(const FakeRequest& request);
  FakeResponse read(const std::string& operation, const std::string& path,
                    std::map<std::string, std::string>& query);
  FakeResponse locations_of(const std::string& path);
  FakeResponse change(const std::string& operation, const std::string& path,
                      std::map<std::string, std::string>& query);
  FakeResponse store(const std::string& operation, const std::string& path,
                     const FakeRequest& request);
  std::string status_of(const std::string& path, const std::string& name);
  bool exists(const std::string& path) const;

  std::mutex mutex_;  // the test looks at what the server's thread changes
  std::map<std::string, std::string> files_;
  std::set<std::string> directories_{"/"};
  int appends_ = 0;
  bool tells_locations_ = true;
  std::string last_user_;
  FakeServer server_{[this](const FakeRequest& request) { return answer(request); }};  // last
};

}  // namespace mesolite::hadoop
