#include "kernel/daemon/local_cluster.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <utility>

#include "kernel/runtime/machine_facts.hpp"
#include "mesolite/base/text.hpp"
#include "sdk/net/http_get.hpp"

namespace mesolite::daemon {
namespace {

namespace fs = std::filesystem;

constexpr Duration start_timeout = 30s;
constexpr Duration stop_timeout = 15s;
constexpr Duration look_interval = 5ms;
constexpr Duration answer_timeout = 2s;
constexpr std::string_view ready_word = "ready http://";
constexpr const char* log_name = "log";

// Appends what can be read now; false at the end of the file.
bool drain(int descriptor, std::string& text) {
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

// How many agents the master at `address` has in its books; 0 if it does not say.
std::size_t registered_agents(const std::string& address) {
  const auto where = net::parse_host_port(address);
  if (!where) return 0;
  const auto reply = net::http_get(where->host, where->port, "/slaves", answer_timeout);
  if (!reply || reply->status != 200) return 0;
  std::size_t count = 0;
  constexpr std::string_view mark = "\"registered_time\"";
  for (std::size_t at = 0; (at = reply->body.find(mark, at)) != std::string::npos; ++at) ++count;
  return count;
}

}  // namespace

LocalCluster::LocalCluster(LocalSettings settings, Interrupted interrupted)
    : settings_(std::move(settings)), interrupted_(std::move(interrupted)) {}

LocalCluster::~LocalCluster() = default;

Status LocalCluster::start() {
  auto master = spawn("master", "mesos-master", {"--port=" + std::to_string(settings_.port)});
  if (!master) return tl::unexpected(master.error());
  daemons_.push_back(std::move(*master));
  auto address = wait_ready(daemons_.front());
  if (!address) return tl::unexpected(address.error());
  master_address_ = std::move(*address);

  for (int number = 1; number <= settings_.agents; ++number) {
    auto agent = spawn("agent-" + std::to_string(number), "mesos-agent", agent_arguments(number));
    if (!agent) return tl::unexpected(agent.error());
    daemons_.push_back(std::move(*agent));
  }
  for (std::size_t i = 1; i < daemons_.size(); ++i) {
    if (auto ready = wait_ready(daemons_[i]); !ready) return tl::unexpected(ready.error());
  }
  return wait_registered();
}

std::vector<std::string> LocalCluster::agent_arguments(int number) const {
  const std::string resources = settings_.resources.empty()
                                    ? shared_resources(settings_.work_dir, number, settings_.agents)
                                    : settings_.resources;
  // Alone with its master an agent has nobody to give way to when it registers; and nobody starts
  // another in its place, so its tasks need not wait for one.
  return {"--port=0", "--master=" + master_address_, "--resources=" + resources,
          "--registration_backoff_factor=10ms", "--recovery_timeout=10ms"};
}

Result<LocalCluster::Daemon> LocalCluster::spawn(const std::string& name,
                                                 const std::string& program,
                                                 std::vector<std::string> arguments) const {
  const fs::path directory = settings_.work_dir / name;
  std::error_code problem;
  fs::create_directories(directory, problem);
  const fs::path log = directory / log_name;
  const Descriptor errors(
      problem ? -1 : ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!errors.valid()) return system_failure("cannot write '" + log.string() + "'", errno);
  auto pipe = make_pipe();
  if (!pipe) return tl::unexpected(pipe.error());
  ::fcntl(pipe->reading.get(), F_SETFL, O_NONBLOCK);

  ProcessOptions options;
  options.arguments = {(settings_.programs / program).string(), "--ip=127.0.0.1",
                       "--work_dir=" + directory.string()};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(options.arguments));
  options.standard_output = pipe->writing.get();
  options.standard_error = errors.get();
  // Should we be killed, it ends as if asked to: with its tasks.
  options.death_signal = SIGTERM;
  auto process = Process::start(options);
  if (!process) return tl::unexpected(process.error());
  return Daemon{name, std::move(*process), std::move(pipe->reading), "", false};
}

Result<std::string> LocalCluster::wait_ready(Daemon& daemon) {
  const auto tries = start_timeout / look_interval;
  for (auto i = 0 * tries; i < tries; ++i) {
    const bool open = drain(daemon.output.get(), daemon.said);
    const std::size_t begin = daemon.said.find(ready_word);
    const std::size_t end = begin == std::string::npos ? begin : daemon.said.find('\n', begin);
    if (end != std::string::npos) {
      return daemon.said.substr(begin + ready_word.size(), end - begin - ready_word.size());
    }
    if (!open) return failure(daemon.name + " did not start: " + last_words(daemon));
    if (interrupted_(look_interval)) return failure("interrupted");
  }
  return failure(daemon.name + " is not ready after " + to_text(start_timeout));
}

Status LocalCluster::wait_registered() {
  const auto tries = start_timeout / look_interval;
  const auto wanted = static_cast<std::size_t>(settings_.agents);
  for (auto i = 0 * tries; i < tries; ++i) {
    if (registered_agents(master_address_) >= wanted) return {};
    for (Daemon& daemon : daemons_) {
      if (auto status = daemon.process.exit_status()) {
        return failure(daemon.name + " " + exit_text(*status) + ": " + last_words(daemon));
      }
    }
    if (interrupted_(look_interval)) return failure("interrupted");
  }
  return failure("the agents have not registered after " + to_text(start_timeout));
}

std::string LocalCluster::last_words(const Daemon& daemon) const {
  std::ifstream log(settings_.work_dir / daemon.name / log_name);
  std::string line;
  std::string last = "it said nothing";
  while (std::getline(log, line)) {
    if (!trim(line).empty()) last = line;
  }
  return last;
}

std::vector<int> LocalCluster::descriptors() const {
  std::vector<int> descriptors;
  for (const Daemon& daemon : daemons_) {
    if (!daemon.ended) descriptors.push_back(daemon.process.descriptor());
  }
  return descriptors;
}

std::vector<std::string> LocalCluster::take_ended() {
  std::vector<std::string> ended;
  for (Daemon& daemon : daemons_) {
    const auto status = daemon.ended ? std::nullopt : daemon.process.exit_status();
    if (!status) continue;
    daemon.ended = true;
    ended.push_back(daemon.name + " " + exit_text(*status));
  }
  return ended;
}

void LocalCluster::stop() {
  for (std::size_t i = 1; i < daemons_.size(); ++i) daemons_[i].process.signal(SIGTERM);
  for (std::size_t i = 1; i < daemons_.size(); ++i) {
    if (!wait_ended(daemons_[i])) return;
  }
  if (daemons_.empty()) return;
  daemons_.front().process.signal(SIGTERM);
  (void)wait_ended(daemons_.front());
}

Status LocalCluster::wait_ended(Daemon& daemon) {
  const auto tries = stop_timeout / look_interval;
  for (auto i = 0 * tries; i < tries; ++i) {
    if (daemon.process.exit_status()) return {};
    if (interrupted_(look_interval)) return failure("interrupted");
  }
  return failure(daemon.name + " does not end");
}

std::string shared_resources(const fs::path& work_dir, int number, int count) {
  const Resources machine = runtime::measured_resources(work_dir);
  const auto share = [&](Scalar scalar) {
    return thousandths_to_text(machine.plain(scalar) / 1000 / count * 1000);
  };
  const Range ports = machine.ranges("ports").intervals().front();
  const std::uint64_t size = (ports.end - ports.begin + 1) / static_cast<std::uint64_t>(count);
  const std::uint64_t first = ports.begin + size * static_cast<std::uint64_t>(number - 1);
  return "cpus:" + thousandths_to_text(machine.plain(Scalar::cpus)) + ";mem:" + share(Scalar::mem) +
         ";disk:" + share(Scalar::disk) + ";ports:[" + std::to_string(first) + "-" +
         std::to_string(first + size - 1) + "]";
}

}  // namespace mesolite::daemon
