// WebHdfs: files in a Hadoop file system, over its REST interface ("WebHDFS REST API" in Hadoop's
// manual). Paths look like webhdfs://NAMENODE:PORT/path; the user is $HADOOP_USER_NAME, or $USER.
//
// Data goes to and comes from the data nodes, to which the name node redirects.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"

namespace mesolite::hadoop {

class WebHdfs final : public FileSystem {
 public:
  // `user`: who asks; empty: nobody is named.
  explicit WebHdfs(std::string user) : user_(std::move(user)) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const override;
  // Directories with all that is below them; *, ? and [] in the last segment of the path.
  Result<std::vector<FileEntry>> list(const std::string& pattern) const override;
  Result<bool> exists(const std::string& path) const override;
  Result<std::vector<Placement>> placements(const FileEntry& file) const override;

  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override;
  Status make_directories(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove_all(const std::string& path) override;

 private:
  const std::string user_;
};

}  // namespace mesolite::hadoop
