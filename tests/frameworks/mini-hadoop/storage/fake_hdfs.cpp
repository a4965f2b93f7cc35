#include "tests/frameworks/mini-hadoop/storage/fake_hdfs.hpp"

#include <algorithm>
#include <cstdlib>

#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    plain +=
        static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
    i += 2;
  }
  return plain;
}

FakeResponse yes_or_no(bool yes) {
  return {200, std::string("{\"boolean\": ") + (yes ? "true" : "false") + "}", {}};
}

FakeResponse not_found(const std::string& path) {
  return {404, "{\"RemoteException\": {\"message\": \"File does not exist: " + path + "\"}}", {}};
}

}  // namespace

std::string FakeHdfs::file(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return files_.contains(path) ? files_[path] : "(no such file)";
}

int FakeHdfs::appends() {
  const std::lock_guard lock(mutex_);
  return appends_;
}

std::string FakeHdfs::last_user() {
  const std::lock_guard lock(mutex_);
  return last_user_;
}

bool FakeHdfs::exists(const std::string& path) const {
  return files_.contains(path) || directories_.contains(path);
}

std::string FakeHdfs::status_of(const std::string& path, const std::string& name) {
  const bool is_file = files_.contains(path);
  return "{\"pathSuffix\": \"" + name + "\", \"type\": \"" + (is_file ? "FILE" : "DIRECTORY") +
         "\", \"length\": " + std::to_string(is_file ? files_[path].size() : 0) + "}";
}

FakeResponse FakeHdfs::answer(const FakeRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::size_t mark = request.target.find('?');
  constexpr std::string_view root = "/webhdfs/v1";
  const std::string path =
      decoded(std::string_view(request.target).substr(0, mark).substr(root.size()));
  std::map<std::string, std::string> query;
  const std::string text = request.target.substr(mark + 1);
  for (const auto pair : split(text, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size() - 1);
    query[std::string(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
  }
  last_user_ = query["user.name"];
  const std::string operation = query["op"];
  if (operation == "CREATE" || operation == "APPEND") return store(operation, path, request);
  if (request.method == "GET") return read(operation, path, query);
  return change(operation, path, query);
}

FakeResponse FakeHdfs::read(const std::string& operation, const std::string& path,
                            std::map<std::string, std::string>& query) {
  if (!exists(path)) return not_found(path);
  if (operation == "GETFILESTATUS") {
    return {200, "{\"FileStatus\": " + status_of(path, "") + "}", {}};
  }
  if (operation == "OPEN") {
    return {200, files_[path].substr(std::stoul(query["offset"]), std::stoul(query["length"])), {}};
  }
  if (operation == "GETFILEBLOCKLOCATIONS") return locations_of(path);
  std::string children;
  const std::string prefix = path == "/" ? "/" : path + "/";
  const auto add = [&](const std::string& child) {
    if (!child.starts_with(prefix) || child == prefix) return;
    const std::string name = child.substr(prefix.size());
    if (name.find('/') != std::string::npos) return;
    children += (children.empty() ? "" : ", ") + status_of(child, name);
  };
  for (const auto& [file, content] : files_) add(file);
  for (const std::string& directory : directories_) add(directory);
  return {200, "{\"FileStatuses\": {\"FileStatus\": [" + children + "]}}", {}};
}

FakeResponse FakeHdfs::locations_of(const std::string& path) {
  if (!tells_locations_) {
    return {400, "{\"RemoteException\": {\"message\": \"No such operation\"}}", {}};
  }
  std::string blocks;
  const std::size_t size = files_[path].size();
  for (std::size_t at = 0; at < size; at += block_size) {
    const std::string host = "node" + std::to_string(at / block_size % 2 + 1);
    blocks += (at > 0 ? ", " : "") + std::string("{\"offset\": ") + std::to_string(at) +
              ", \"length\": " + std::to_string(std::min(block_size, size - at)) +
              ", \"hosts\": [\"" + host + "\"]}";
  }
  return {200, "{\"BlockLocations\": {\"BlockLocation\": [" + blocks + "]}}", {}};
}

FakeResponse FakeHdfs::change(const std::string& operation, const std::string& path,
                              std::map<std::string, std::string>& query) {
  if (operation == "MKDIRS") {
    for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
      directories_.insert(path.substr(0, at));
    }
    directories_.insert(path);
    return yes_or_no(true);
  }
  if (operation == "RENAME") {
    const auto moved = files_.extract(path);
    if (moved.empty()) return yes_or_no(false);
    files_[query["destination"]] = moved.mapped();
    return yes_or_no(true);
  }
  const bool there = exists(path);
  const auto below = [&](const std::string& other) {
    return other == path || other.starts_with(path + "/");
  };
  std::erase_if(files_, [&](const auto& file) { return below(file.first); });
  std::erase_if(directories_, below);
  return yes_or_no(there);
}

FakeResponse FakeHdfs::store(const std::string& operation, const std::string& path,
                             const FakeRequest& request) {
  if (request.target.find("&here=1") == std::string::npos) {
    return {307, "", {{"Location", "http://" + server_.address() + request.target + "&here=1"}}};
  }
  if (operation == "APPEND") {
    ++appends_;
    files_[path] += request.body;
    return {200, "", {}};
  }
  files_[path] = request.body;
  return {201, "", {}};
}

}  // namespace mesolite::hadoop
