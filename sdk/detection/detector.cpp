#include "sdk/detection/detector.hpp"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <utility>

#include "mesolite/base/text.hpp"
#include "sdk/detection/bus_detector.hpp"
#include "sdk/detection/zookeeper_detector.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::detection {
namespace {

constexpr std::string_view file_scheme = "file://";
// Who only looks on has nothing to lose when its session ends.
constexpr Duration session_timeout = 10s;

// A bus that is known beforehand.
class GivenBus final : public Detector {
 public:
  explicit GivenBus(std::string bus) { leader_.bus = std::move(bus); }

  void detect(Handler handler) override {
    handler_ = std::move(handler);
    handler_(leader_);
  }
  void look_again() override { handler_(leader_); }

 private:
  MasterInfo leader_;
  Handler handler_;
};

bool is_bus(std::string_view master) {
  return master.starts_with("tcp://") || master.starts_with("ipc://");
}

// "host:port", or "https://host:port".
bool is_http(const std::string& master) {
  const auto address = net::parse_http_address(master);
  return address && address->host.find('/') == std::string::npos && !master.starts_with("http://");
}

// What `master` stands for: itself, or the content of the file that it names.
Result<std::string> resolve(const std::string& master) {
  if (!master.starts_with(file_scheme)) return master;
  const std::string path = master.substr(file_scheme.size());
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) return failure("cannot read '" + path + "'");
  return std::string(trim(line));
}

Status check_resolved(const std::string& master) {
  if (master.empty()) return failure("no master is given");
  if (is_bus(master)) return {};
  if (master.starts_with(zookeeper_scheme)) {
    const auto url = parse_zookeeper_url(master);
    return url ? Status() : tl::unexpected(url.error());
  }
  if (is_http(master)) return {};
  return failure("expected host:port, for example 127.0.0.1:5050, zk:// or file://, got '" +
                 master + "'");
}

}  // namespace

Status check_master(const std::string& master) {
  const auto resolved = resolve(master);
  return resolved ? check_resolved(*resolved) : tl::unexpected(resolved.error());
}

Result<std::unique_ptr<Detector>> make_detector(const std::string& master, std::uint64_t seed,
                                                Notice notice) {
  auto resolved = resolve(master);
  if (!resolved) return tl::unexpected(resolved.error());
  if (auto usable = check_resolved(*resolved); !usable) return tl::unexpected(usable.error());
  if (is_bus(*resolved)) return std::make_unique<GivenBus>(std::move(*resolved));
  if (resolved->starts_with(zookeeper_scheme)) {
    return std::make_unique<ZooKeeperDetector>(*parse_zookeeper_url(*resolved), session_timeout,
                                               std::move(notice));
  }
  return std::make_unique<BusDetector>(std::move(*resolved), seed);
}

Result<MasterInfo> find_leader(const std::string& master, Duration timeout) {
  const auto resolved = resolve(master);
  if (!resolved) return tl::unexpected(resolved.error());
  // Of a master that does not answer its user wants to hear at once, and why.
  if (is_http(*resolved)) return ask_leader(*resolved, timeout);
  // Of both threads, and so outlived by the detector's.
  std::mutex mutex;
  std::condition_variable found;
  std::optional<MasterInfo> leader;
  auto detector = make_detector(master, 1);
  if (!detector) return tl::unexpected(detector.error());
  (*detector)->detect([&](std::optional<MasterInfo> told) {
    const std::lock_guard lock(mutex);
    if (!leader) leader = std::move(told);
    found.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    found.wait_for(lock, timeout, [&] { return leader.has_value(); });
  }
  detector->reset();
  if (leader) return std::move(*leader);
  return failure("no leading master was found within " + to_text(timeout));
}

}  // namespace mesolite::detection
