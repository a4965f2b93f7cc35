#include "frameworks/mini-hadoop/storage/web_hdfs.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "frameworks/mini-hadoop/storage/http.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

using Json = nlohmann::json;

constexpr std::string_view scheme = "webhdfs://";
constexpr std::size_t write_size = std::size_t{8} << 20;
constexpr int depth_max = 64;  // of directories

// "webhdfs://host:port/a/b" as host and "/a/b".
struct HdfsPath {
  std::string host;
  std::string path;

  explicit HdfsPath(std::string_view text) {
    text.remove_prefix(std::min(scheme.size(), text.size()));
    const std::size_t slash = std::min(text.find('/'), text.size());
    host = text.substr(0, slash);
    path = text.substr(slash);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (path.empty()) path = "/";
  }
};

std::string encoded_path(std::string_view path) {
  std::string encoded;
  for (const auto segment : split(path, '/')) {
    if (!segment.empty()) encoded += "/" + url_encoded(segment);
  }
  return encoded.empty() ? "/" : encoded;
}

// What a name node says is wrong, or its status alone.
tl::unexpected<Error> refused_by_node(const std::string& path, const HttpResponse& response) {
  const Json answer = Json::parse(response.body, nullptr, false);
  const bool known = answer.is_object() && answer.contains("RemoteException") &&
                     answer["RemoteException"].value("message", "") != "";
  return failure("'" + path + "': " +
                 (known ? answer["RemoteException"].value("message", "")
                        : "status " + std::to_string(response.status)));
}

class Calls {
 public:
  Calls(std::string path, std::string user) : path_(std::move(path)), user_(std::move(user)) {}

  std::string url(const std::string& operation) const {
    const HdfsPath parts(path_);
    return "http://" + parts.host + "/webhdfs/v1" + encoded_path(parts.path) + "?op=" + operation +
           (user_.empty() ? "" : "&user.name=" + url_encoded(user_));
  }

  Result<HttpResponse> call(const std::string& method, const std::string& operation,
                            Redirects redirects = Redirects::follow) {
    return client_.perform({.method = method,
                            .url = url(operation),
                            .headers = {},
                            .body = {},
                            .redirects = redirects});
  }

  // As call(), but any status that is no success is a failure.
  Result<HttpResponse> get(const std::string& method, const std::string& operation) {
    auto response = call(method, operation);
    if (response && response->status / 100 != 2) return refused_by_node(path_, *response);
    return response;
  }

  // Asks the name node where to write, and writes there.
  Status send(const std::string& method, const std::string& operation, std::string_view body) {
    const auto where = call(method, operation, Redirects::report);
    if (!where) return tl::unexpected(where.error());
    if (where->status != 307 || where->location.empty()) return refused_by_node(path_, *where);
    const auto stored =
        client_.perform({.method = method,
                         .url = where->location,
                         .headers = {"Content-Type: application/octet-stream", "Expect:"},
                         .body = body});
    if (!stored) return tl::unexpected(stored.error());
    return stored->status / 100 == 2 ? Status{} : refused_by_node(path_, *stored);
  }

  // {"boolean": true}
  Status expect_true(const std::string& method, const std::string& operation,
                     const std::string& what) {
    const auto response = get(method, operation);
    if (!response) return tl::unexpected(response.error());
    const Json answer = Json::parse(response->body, nullptr, false);
    if (answer.is_object() && answer.value("boolean", false)) return {};
    return failure("cannot " + what + " '" + path_ + "'");
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string user_;
  HttpClient client_;
};

struct HdfsStatus {
  std::string name;  // in its directory
  std::uint64_t size = 0;
  bool directory = false;
};

HdfsStatus status_in(const Json& json) {
  return {json.value("pathSuffix", ""), json.value("length", std::uint64_t{0}),
          json.value("type", "") == "DIRECTORY"};
}

Result<std::optional<HdfsStatus>> status_of(const std::string& path, const std::string& user) {
  Calls calls(path, user);
  const auto response = calls.call("GET", "GETFILESTATUS");
  if (!response) return tl::unexpected(response.error());
  if (response->status == 404) return std::optional<HdfsStatus>{};
  if (response->status != 200) return refused_by_node(path, *response);
  const Json answer = Json::parse(response->body, nullptr, false);
  if (!answer.is_object() || !answer.contains("FileStatus") || !answer["FileStatus"].is_object()) {
    return failure("'" + path + "': the name node's answer makes no sense");
  }
  return std::optional(status_in(answer["FileStatus"]));
}

// The array at this place of an answer about `path`.
Result<Json> array_in(const std::string& body, const std::string& place, const std::string& path) {
  const Json answer = Json::parse(body, nullptr, false);
  const Json::json_pointer pointer(place);
  if (!answer.is_object() || !answer.contains(pointer) || !answer[pointer].is_array()) {
    return failure("'" + path + "': the name node's answer makes no sense");
  }
  return answer[pointer];
}

Result<std::vector<HdfsStatus>> children_of(const std::string& path, const std::string& user) {
  Calls calls(path, user);
  const auto response = calls.get("GET", "LISTSTATUS");
  if (!response) return tl::unexpected(response.error());
  const auto statuses = array_in(response->body, "/FileStatuses/FileStatus", path);
  if (!statuses) return tl::unexpected(statuses.error());
  std::vector<HdfsStatus> children;
  for (const Json& child : *statuses) {
    if (child.is_object()) children.push_back(status_in(child));
  }
  return children;
}

Placement placement_in(const Json& json) {
  Placement placement{
      json.value("offset", std::uint64_t{0}), json.value("length", std::uint64_t{0}), {}};
  const auto hosts = json.find("hosts");
  if (hosts == json.end() || !hosts->is_array()) return placement;
  for (const Json& host : *hosts) {
    if (host.is_string()) placement.hosts.push_back(host.get<std::string>());
  }
  return placement;
}

FileEntry entry_of(const std::string& path, const HdfsStatus& status) {
  FileEntry entry;
  entry.path = path;
  entry.size = status.size;
  return entry;
}

Status add_below(const std::string& path, const std::string& user, int depth,
                 std::vector<FileEntry>& entries) {
  if (depth > depth_max) return failure("'" + path + "' is too deep");
  const auto children = children_of(path, user);
  if (!children) return tl::unexpected(children.error());
  for (const HdfsStatus& child : *children) {
    if (child.name.starts_with(".") || child.name.starts_with("_")) continue;
    const std::string child_path = path + "/" + child.name;
    if (!child.directory) {
      entries.push_back(entry_of(child_path, child));
    } else if (auto added = add_below(child_path, user, depth + 1, entries); !added) {
      return added;
    }
  }
  return {};
}

class HdfsReader final : public ReadableFile {
 public:
  HdfsReader(const std::string& path, const std::string& user, std::uint64_t size)
      : calls_(path, user), size_(size) {}

  std::uint64_t size() const override { return size_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) const override {
    if (offset >= size_ || size == 0) return std::size_t{0};
    const std::uint64_t wanted = std::min<std::uint64_t>(size, size_ - offset);
    const std::lock_guard lock(mutex_);
    const auto response = calls_.get(
        "GET", "OPEN&offset=" + std::to_string(offset) + "&length=" + std::to_string(wanted));
    if (!response) return tl::unexpected(response.error());
    if (response->body.size() != wanted) {
      return failure("'" + calls_.path() + "' sent " + std::to_string(response->body.size()) +
                     " bytes instead of " + std::to_string(wanted));
    }
    return response->body.copy(into, response->body.size());
  }

 private:
  mutable Calls calls_;
  std::uint64_t size_;
  mutable std::mutex mutex_;  // the client is for one thread at a time
};

// The first piece creates the file, the others are appended.
class HdfsWriter final : public WritableFile {
 public:
  HdfsWriter(const std::string& path, const std::string& user) : calls_(path, user) {}

  Status write(std::string_view bytes) override {
    pending_.append(bytes);
    return pending_.size() < write_size ? Status{} : flush();
  }
  Status close() override { return pending_.empty() && created_ ? Status{} : flush(); }

 private:
  Status flush() {
    auto sent = created_ ? calls_.send("POST", "APPEND", pending_)
                         : calls_.send("PUT", "CREATE&overwrite=true", pending_);
    created_ = true;
    pending_.clear();
    return sent;
  }

  Calls calls_;
  std::string pending_;
  bool created_ = false;
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> WebHdfs::open(const std::string& path) const {
  const auto status = status_of(path, user_);
  if (!status) return tl::unexpected(status.error());
  if (!*status || (*status)->directory) return failure("cannot open '" + path + "': no such file");
  return std::make_unique<HdfsReader>(path, user_, (*status)->size);
}

Result<std::vector<FileEntry>> WebHdfs::list(const std::string& pattern) const {
  std::vector<FileEntry> entries;
  const auto status = status_of(pattern, user_);
  if (!status) return tl::unexpected(status.error());
  if (*status && !(*status)->directory) {
    entries.push_back(entry_of(pattern, **status));
  } else if (*status) {
    if (auto added = add_below(pattern, user_, 0, entries); !added) {
      return tl::unexpected(added.error());
    }
  } else {
    const std::size_t slash = pattern.rfind('/');
    const std::string name = pattern.substr(slash + 1);
    if (name.find_first_of("*?[") == std::string::npos) {
      return failure("input '" + pattern + "' does not exist");
    }
    const auto children = children_of(pattern.substr(0, slash), user_);
    if (!children) return tl::unexpected(children.error());
    for (const HdfsStatus& child : *children) {
      if (fnmatch(name.c_str(), child.name.c_str(), FNM_PERIOD) != 0) continue;
      const auto below = list(pattern.substr(0, slash + 1) + child.name);
      if (!below) return below;
      entries.insert(entries.end(), below->begin(), below->end());
    }
    if (entries.empty()) return failure("no input matches '" + pattern + "'");
  }
  std::sort(entries.begin(), entries.end(),
            [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
  return entries;
}

Result<bool> WebHdfs::exists(const std::string& path) const {
  const auto status = status_of(path, user_);
  if (!status) return tl::unexpected(status.error());
  return status->has_value();
}

Result<std::vector<Placement>> WebHdfs::placements(const FileEntry& file) const {
  const auto response =
      Calls(file.path, user_)
          .get("GET", "GETFILEBLOCKLOCATIONS&offset=0&length=" + std::to_string(file.size));
  if (!response) return tl::unexpected(response.error());
  const auto parts = array_in(response->body, "/BlockLocations/BlockLocation", file.path);
  if (!parts) return tl::unexpected(parts.error());
  std::vector<Placement> placements;
  for (const Json& part : *parts) {
    if (part.is_object()) placements.push_back(placement_in(part));
  }
  return placements;
}

Result<std::unique_ptr<WritableFile>> WebHdfs::create(const std::string& path) {
  return std::make_unique<HdfsWriter>(path, user_);
}

Status WebHdfs::make_directories(const std::string& path) {
  return Calls(path, user_).expect_true("PUT", "MKDIRS", "make the directory");
}

Status WebHdfs::rename(const std::string& from, const std::string& to) {
  const std::string operation = "RENAME&destination=" + url_encoded(HdfsPath(to).path);
  return Calls(from, user_).expect_true("PUT", operation, "rename");
}

Status WebHdfs::remove_all(const std::string& path) {
  // False: it was not there.
  const auto response = Calls(path, user_).get("DELETE", "DELETE&recursive=true");
  return response ? Status{} : tl::unexpected(response.error());
}

}  // namespace mesolite::hadoop
