// HttpFileSystem: files that an HTTP(S) server gives away, to be read. A server that sends parts is
// asked for what is needed; from another one the file is fetched whole, if it is small enough.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"

namespace mesolite::hadoop {

class HttpFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<ReadableFile>> open(const std::string& url) const override;
  // Of the one file that the URL names: servers list nothing.
  Result<std::vector<FileEntry>> list(const std::string& url) const override;
  Result<bool> exists(const std::string& url) const override;

  Result<std::unique_ptr<WritableFile>> create(const std::string& url) override;
  Status make_directories(const std::string& url) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove_all(const std::string& url) override;
};

}  // namespace mesolite::hadoop
