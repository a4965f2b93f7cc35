#include "kernel/registry/zookeeper_registry.hpp"

#define THREADED  // the calls of the client library that wait
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "mesolite/protocol/codec.hpp"
#include "mesolite/protocol/fields.hpp"

namespace mesolite::registry {
namespace {

constexpr std::size_t shards_count = 256;
// A little less than ZooKeeper's own limit of a request, jute.maxbuffer.
constexpr std::size_t request_bytes_max = 1'000'000;
constexpr const char* format = "mesolite registry 1";

struct StoredRecord {
  std::string key;
  Bytes value;
  MESOLITE_FIELDS(key, value);
};

// What a shard's node holds.
struct StoredShard {
  std::vector<StoredRecord> records;
  MESOLITE_FIELDS(records);
};

struct Shard {
  std::map<std::string, Bytes> records;
  std::optional<std::int32_t> version;  // none: there is no node
};

// FNV-1a: must stay the same for ever, so it is none of the library's.
std::size_t shard_of(std::string_view key) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char letter : key) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
  }
  return (hash ^ (hash >> 32)) % shards_count;
}

std::string encode_shard(const Shard& shard) {
  StoredShard stored;
  for (const auto& [key, value] : shard.records) stored.records.push_back({key, value});
  return encode(stored);
}

bool may_have_been_done(int code) {
  return code == ZCONNECTIONLOSS || code == ZOPERATIONTIMEOUT;
}

class ZooKeeperRegistry final : public Registry {
 public:
  explicit ZooKeeperRegistry(ZooKeeperPlace place)
      : place_(std::move(place)), root_(place_.ensemble.path + "/registry") {}
  ~ZooKeeperRegistry() override {
    if (handle_ != nullptr) zookeeper_close(handle_);
  }
  ZooKeeperRegistry(const ZooKeeperRegistry&) = delete;
  ZooKeeperRegistry& operator=(const ZooKeeperRegistry&) = delete;

  Status open() {
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));
    const auto timeout = std::chrono::duration_cast<std::chrono::milliseconds>(place_.timeout);
    handle_ = zookeeper_init(detection::server_list(place_.ensemble).c_str(), &on_event,
                             static_cast<int>(timeout.count()), nullptr, this, 0);
    if (handle_ == nullptr) return problem("cannot begin a session", ZSYSTEMERROR);
    const std::string& credential = place_.ensemble.credential;
    if (!credential.empty()) {
      zoo_add_auth(handle_, "digest", credential.data(), static_cast<int>(credential.size()),
                   nullptr, nullptr);
    }
    if (!wait_connected()) return problem("no connection", ZOPERATIONTIMEOUT);
    return make_root();
  }

  // Once: nobody else writes as long as we may.
  Result<std::vector<Record>> load() override {
    if (!loaded_) {
      if (auto read = read_all(); !read) return tl::unexpected(read.error());
    }
    loaded_ = true;
    std::vector<Record> records;
    for (const Shard& shard : shards_) {
      for (const auto& [key, value] : shard.records) records.push_back({key, value});
    }
    std::sort(records.begin(), records.end(),
              [](const Record& left, const Record& right) { return left.key < right.key; });
    return records;
  }

  Status write(const std::vector<Record>& records) override {
    if (!loaded_) {
      if (auto read = load(); !read) return tl::unexpected(read.error());
    }
    std::map<std::size_t, Shard> changed;
    for (const Record& record : records) {
      const std::size_t index = shard_of(record.key);
      Shard& shard = changed.try_emplace(index, shards_[index]).first->second;
      shard.records.erase(record.key);
      if (!record.value.empty()) shard.records.emplace(record.key, record.value);
    }
    return write_shards(std::move(changed));
  }

 private:
  // A shard as it will be, and its text, which must stay in place while it is sent.
  struct Written {
    std::size_t index = 0;
    Shard shard;
    std::string path;
    std::string text;
  };

  static void on_event(zhandle_t*, int type, int state, const char*, void* context) {
    if (type != ZOO_SESSION_EVENT) return;
    auto& self = *static_cast<ZooKeeperRegistry*>(context);
    const std::lock_guard lock(self.mutex_);
    self.connected_ = state == ZOO_CONNECTED_STATE;
    self.over_ = state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE;
    self.changed_.notify_one();
  }

  bool wait_connected() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, place_.timeout, [this] { return connected_ || over_; });
    return connected_;
  }

  // Makes a call that may be repeated until it was answered.
  template <class Call>
  int retry(Call call) {
    int code = call();
    while (may_have_been_done(code) && wait_connected()) code = call();
    return code;
  }

  tl::unexpected<Error> problem(const std::string& what, int code) const {
    return failure("registry " + root_ + " on " + detection::server_list(place_.ensemble) + ": " +
                   what + ": " + zerror(code));
  }

  Status make_root() {
    for (std::size_t end = 0; end != root_.size();) {
      end = std::min(root_.find('/', end + 1), root_.size());
      const std::string path = root_.substr(0, end);
      const int code = retry(
          [&] { return zoo_create(handle_, path.c_str(), "", 0, &access_list(), 0, nullptr, 0); });
      if (code != ZOK && code != ZNODEEXISTS) return problem("cannot be made", code);
    }
    return {};
  }

  const ACL_vector& access_list() const {
    return place_.ensemble.credential.empty() ? ZOO_OPEN_ACL_UNSAFE : ZOO_CREATOR_ALL_ACL;
  }

  Status read_all() {
    // A session reads nothing older than what it has written: this makes all that earlier masters
    // wrote visible on whichever server we are connected to.
    const std::string mark = format;
    int code = retry([&] {
      return zoo_set(handle_, root_.c_str(), mark.data(), static_cast<int>(mark.size()), -1);
    });
    if (code != ZOK) return problem("cannot be written", code);
    String_vector names{};
    code = retry([&] { return zoo_get_children(handle_, root_.c_str(), 0, &names); });
    if (code != ZOK) return problem("cannot be listed", code);
    const std::set<std::string> present(names.data, names.data + names.count);
    deallocate_String_vector(&names);
    for (std::size_t index = 0; index < shards_count; ++index) {
      if (!present.contains(path_of(index).substr(root_.size() + 1))) continue;
      if (auto read = read_shard(index); !read) return read;
    }
    return {};
  }

  std::string path_of(std::size_t index) const {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "/%02zx", index);
    return root_ + name.data();
  }

  Status read_shard(std::size_t index) {
    const std::string path = path_of(index);
    std::string text(request_bytes_max, '\0');
    Stat stat{};
    int size = 0;
    const int code = retry([&] {
      size = static_cast<int>(text.size());
      return zoo_get(handle_, path.c_str(), 0, text.data(), &size, &stat);
    });
    Shard& shard = shards_[index] = {};
    if (code == ZNONODE) return {};
    if (code != ZOK) return problem("cannot be read", code);
    text.resize(static_cast<std::size_t>(std::max(size, 0)));
    auto stored = decode<StoredShard>(text);
    if (!stored) return failure("registry " + path, stored.error());
    shard.version = stat.version;
    for (StoredRecord& record : stored->records) {
      shard.records.emplace(std::move(record.key), std::move(record.value));
    }
    return {};
  }

  // In as few requests as they fit into: what is in one is applied whole or not at all.
  Status write_shards(std::map<std::size_t, Shard> changed) {
    std::vector<Written> batch;
    std::size_t bytes = 0;
    for (auto& [index, shard] : changed) {
      std::string text = encode_shard(shard);
      if (text.size() > request_bytes_max) {
        return failure("registry " + path_of(index) +
                       ": its records are more than fit into a node");
      }
      if (bytes + text.size() > request_bytes_max) {
        if (auto written = write_batch(batch); !written) return written;
        batch.clear();
        bytes = 0;
      }
      bytes += text.size();
      batch.push_back({index, std::move(shard), path_of(index), std::move(text)});
    }
    return write_batch(batch);
  }

  Status write_batch(std::vector<Written>& batch) {
    if (batch.empty()) return {};
    int code = send(batch);
    // Sent again until it is known; if the first time was the one, its versions are not the old
    // ones any more.
    while (may_have_been_done(code) && wait_connected()) {
      code = send(batch);
      if (code == ZBADVERSION || code == ZNODEEXISTS) code = compare(batch);
    }
    if (code == ZNONODE) return problem("this master does not lead any more", code);
    if (code == ZBADVERSION || code == ZNODEEXISTS) {
      return problem("another master has written", code);
    }
    if (code != ZOK) return problem("cannot be written", code);
    for (Written& one : batch) {
      const auto before = one.shard.version;
      shards_[one.index] = std::move(one.shard);
      shards_[one.index].version = before ? *before + 1 : 0;
    }
    return {};
  }

  int send(const std::vector<Written>& batch) {
    std::vector<zoo_op_t> operations(batch.size() + 1);
    std::size_t count = 0;
    if (!place_.proof.empty()) {
      zoo_check_op_init(&operations[count++], place_.proof.c_str(), -1);
    }
    for (const Written& one : batch) {
      const auto size = static_cast<int>(one.text.size());
      zoo_op_t& operation = operations[count++];
      if (one.shard.version) {
        zoo_set_op_init(&operation, one.path.c_str(), one.text.data(), size, *one.shard.version,
                        nullptr);
      } else {
        zoo_create_op_init(&operation, one.path.c_str(), one.text.data(), size, &access_list(), 0,
                           nullptr, 0);
      }
    }
    std::vector<zoo_op_result_t> results(count);
    return zoo_multi(handle_, static_cast<int>(count), operations.data(), results.data());
  }

  // Whether the ensemble holds what this batch wanted, which nobody else writes.
  int compare(const std::vector<Written>& batch) {
    for (const Written& one : batch) {
      if (auto read = read_shard(one.index); !read) return ZSYSTEMERROR;
      if (shards_[one.index].records != one.shard.records) return ZBADVERSION;
    }
    return ZOK;
  }

  const ZooKeeperPlace place_;
  const std::string root_;
  zhandle_t* handle_ = nullptr;
  std::array<Shard, shards_count> shards_;
  bool loaded_ = false;

  // What the library's thread tells of the session; held for a moment only.
  std::mutex mutex_;
  std::condition_variable changed_;
  bool connected_ = false;
  bool over_ = false;
};

}  // namespace

Result<std::unique_ptr<Registry>> open_zookeeper_registry(ZooKeeperPlace place) {
  auto registry = std::make_unique<ZooKeeperRegistry>(std::move(place));
  if (auto opened = registry->open(); !opened) return tl::unexpected(opened.error());
  return registry;
}

}  // namespace mesolite::registry
