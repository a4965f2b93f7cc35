// DecodingFileSystem: gives compressed files (.gz, .zst, .lz4) as what they stand for, and passes
// everything else on to another file system.
//
// A file of several zstd or lz4 frames that tell their sizes is like any other file, and can be cut
// anywhere: only the frames that are read are unpacked. Every other one is listed as `whole`, is
// not sized, and is read from its first byte to its last.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-hadoop/input/file_system.hpp"

namespace mesolite::hadoop {

class DecodingFileSystem final : public FileSystem {
 public:
  explicit DecodingFileSystem(std::unique_ptr<FileSystem> inner) : inner_(std::move(inner)) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) const override;
  Result<std::vector<FileEntry>> list(const std::string& pattern) const override;
  Result<bool> exists(const std::string& path) const override { return inner_->exists(path); }
  Result<std::vector<Placement>> placements(const FileEntry& file) const override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    return inner_->create(path);
  }
  Status make_directories(const std::string& path) override {
    return inner_->make_directories(path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    return inner_->rename(from, to);
  }
  Status remove_all(const std::string& path) override { return inner_->remove_all(path); }

 private:
  std::unique_ptr<FileSystem> inner_;
};

}  // namespace mesolite::hadoop
