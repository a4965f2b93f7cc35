// ShippedFiles: the files that a job brings along (scripts, libraries), fetched once per executor.
//
// Shared by the worker threads: the first attempt fetches while the others wait, which the mutex is
// for; what failed is tried again by the next one.
#pragma once

#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "frameworks/mini-hadoop/tracker/messages.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

class ShippedFiles {
 public:
  // `scratch`: a directory that exists, in which they get one of their own.
  ShippedFiles(std::string token, const std::string& scratch);

  // [worker thread] The directory in which all of them lie, whole and as they were shipped. They
  // are the same for all attempts of a job, but for where they can be fetched.
  Result<std::string> directory(const std::vector<ShippedFile>& files, const std::stop_token& stop);

 private:
  Status fetch(const ShippedFile& file, const std::stop_token& stop) const;

  const std::string token_;
  const std::string directory_;
  std::mutex mutex_;  // guards complete_, and is held while files are fetched
  bool complete_ = false;
};

}  // namespace mesolite::hadoop
