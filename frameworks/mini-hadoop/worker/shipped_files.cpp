#include "frameworks/mini-hadoop/worker/shipped_files.hpp"

#include <filesystem>
#include <utility>

#include "frameworks/mini-hadoop/input/content_hash.hpp"
#include "mesolite/data/block_client.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {

namespace fs = std::filesystem;

ShippedFiles::ShippedFiles(std::string token, const std::string& scratch)
    : token_(std::move(token)), directory_(scratch + "/files") {}

Result<std::string> ShippedFiles::directory(const std::vector<ShippedFile>& files,
                                            const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  if (complete_) return directory_;
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) return failure("cannot make '" + directory_ + "': " + error.message());
  for (const ShippedFile& file : files) {
    if (auto fetched = fetch(file, stop); !fetched) return tl::unexpected(fetched.error());
  }
  complete_ = true;
  return directory_;
}

Status ShippedFiles::fetch(const ShippedFile& file, const std::stop_token& stop) const {
  const std::string path = directory_ + "/" + fs::path(file.name).filename().string();
  auto target = data::File::create(path);
  if (!target) return tl::unexpected(target.error());
  data::BlockClient client({.token = token_});
  const auto keep = [&](std::string_view bytes) { return target->write(bytes); };
  const auto fetched = client.fetch({file.host, block_name(file), file.length}, keep, stop);
  if (!fetched) return failure(fetched.error().message());
  if (auto closed = target->close(); !closed) return closed;
  const auto hash = content_hash(path);
  if (!hash) return tl::unexpected(hash.error());
  if (*hash != file.hash) return failure("the shipped file '" + file.name + "' came changed");
  std::error_code error;
  const auto execute = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  if (file.executable) fs::permissions(path, execute, fs::perm_options::add, error);
  if (error) return failure("cannot make '" + path + "' executable: " + error.message());
  return {};
}

}  // namespace mesolite::hadoop
