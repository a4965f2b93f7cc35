#include "frameworks/mini-hadoop/tracker/file_shipper.hpp"

#include <filesystem>
#include <utility>

#include "frameworks/mini-hadoop/input/content_hash.hpp"

namespace mesolite::hadoop {
namespace {

namespace fs = std::filesystem;

Result<ShippedFile> describe(const std::string& path, const std::string& name) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return failure("there is no file '" + path + "' to ship");
  auto hash = content_hash(path);
  if (!hash) return tl::unexpected(hash.error());
  ShippedFile file;
  file.name = name;
  file.hash = std::move(*hash);
  file.length = fs::file_size(path, error);
  const auto permissions = fs::status(path, error).permissions();
  file.executable = (permissions & fs::perms::owner_exec) != fs::perms::none;
  if (error) return failure("cannot look at '" + path + "': " + error.message());
  return file;
}

}  // namespace

Result<FileShipper> FileShipper::start(const std::vector<std::string>& paths, const std::string& ip,
                                       const std::string& token) {
  FileShipper shipper;
  if (paths.empty()) return shipper;
  auto blocks = data::BlockServer::start({.ip = ip, .token = token});
  if (!blocks) return tl::unexpected(blocks.error());
  shipper.blocks_ = std::move(*blocks);
  for (const std::string& named : paths) {
    const std::size_t mark = named.rfind('#');
    const std::string path = named.substr(0, mark);
    const std::string name =
        mark == std::string::npos ? fs::path(path).filename().string() : named.substr(mark + 1);
    auto file = describe(path, name);
    if (!file) return tl::unexpected(file.error());
    file->host = ip + ":" + std::to_string(shipper.blocks_->port());
    shipper.blocks_->publish(block_name(*file), {path, 0, file->length});
    shipper.files_.push_back(std::move(*file));
  }
  return shipper;
}

}  // namespace mesolite::hadoop
