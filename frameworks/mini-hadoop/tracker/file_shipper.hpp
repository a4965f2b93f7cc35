// FileShipper: serves the files that a job brings along to its executors, by their content.
//
// Lives as long as executors may start. Used by the driver's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/data/block_server.hpp"

namespace mesolite::hadoop {

class FileShipper {
 public:
  // `paths`: of local files; what stands after a "#" is the name that tasks know it by. `ip`: where
  // executors reach this process. Without paths nothing is served.
  static Result<FileShipper> start(const std::vector<std::string>& paths, const std::string& ip,
                                   const std::string& token);

  const std::vector<ShippedFile>& files() const { return files_; }

 private:
  std::unique_ptr<data::BlockServer> blocks_;
  std::vector<ShippedFile> files_;
};

}  // namespace mesolite::hadoop
