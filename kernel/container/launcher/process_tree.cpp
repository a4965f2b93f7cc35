#include "kernel/container/launcher/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>

#include "kernel/container/descriptor.hpp"
#include "kernel/container/launch_spec.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::container {
namespace {

struct ProcessFacts {
  char state = 'X';
  pid_t parent = 0;
  pid_t session = 0;
};

std::string process_path(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

std::optional<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0) return std::nullopt;
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

std::string read_link(const std::string& path) {
  char buffer[4096];
  const ssize_t count = ::readlink(path.c_str(), buffer, sizeof buffer);
  return count < 0 ? "" : std::string(buffer, static_cast<std::size_t>(count));
}

// proc(5): "pid (name) state parent group session …"; the name may hold anything.
std::optional<ProcessFacts> read_facts(pid_t pid) {
  const auto text = read_file(process_path(pid, "stat"));
  if (!text) return std::nullopt;
  const auto name_end = text->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(text->substr(name_end + 1));
  ProcessFacts facts;
  pid_t group = 0;
  rest >> facts.state >> facts.parent >> group >> facts.session;
  return rest ? std::optional(facts) : std::nullopt;
}

std::vector<pid_t> read_pids(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<pid_t>(stream), {}};
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir("/proc"), ::closedir);
  while (const dirent* entry = list ? ::readdir(list.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc{} && pid > 0) processes.push_back(pid);
  }
  return processes;
}

// For kernels without CONFIG_PROC_CHILDREN: every process is asked for its parent.
std::vector<pid_t> scan_for_children(pid_t parent) {
  std::vector<pid_t> children = all_processes();
  std::erase_if(children, [&](pid_t pid) {
    const auto facts = read_facts(pid);
    return !facts || facts->parent != parent;
  });
  return children;
}

std::vector<pid_t> own_children() {
  const pid_t own = ::getpid();
  const std::string pid = std::to_string(own);
  if (const auto text = read_file("/proc/" + pid + "/task/" + pid + "/children")) {
    return read_pids(*text);
  }
  return scan_for_children(own);
}

std::string mark_of(pid_t pid) {
  const std::string prefix = std::string(container_mark) + "=";
  const std::string environment = read_file(process_path(pid, "environ")).value_or("");
  for (const auto entry : split(environment, '\0')) {
    if (entry.starts_with(prefix)) return std::string(entry.substr(prefix.size()));
  }
  return "";
}

bool lies_below(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory + "/");
}

}  // namespace

Status become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    return system_failure("cannot become the reaper of what containers leave behind", errno);
  }
  return {};
}

void kill_left_over(const std::unordered_map<ContainerId, pid_t>& leaders) {
  std::set<pid_t> sessions;
  for (const auto& [container, leader] : leaders) {
    if (leader > 0) sessions.insert(leader);
  }
  const auto left_over = [&](pid_t pid) {
    const auto facts = read_facts(pid);
    if (!facts || facts->state == 'Z') return false;
    return sessions.contains(facts->session) || leaders.contains(ContainerId(mark_of(pid)));
  };
  // What is killed may just have started another.
  constexpr int passes_max = 100;
  for (int pass = 0; pass < passes_max; ++pass) {
    bool found = false;
    for (const pid_t pid : all_processes()) {
      if (!left_over(pid)) continue;
      found = true;
      ::kill(pid, SIGKILL);
    }
    if (!found) return;
  }
}

void ProcessTree::add(const ContainerId& container, pid_t leader, const std::string& sandbox) {
  containers_[container] = {leader, sandbox, {}};
  sessions_.erase(leader);  // of a container whose escaped session has ended since
  add_session(container, leader);
}

void ProcessTree::remove(const ContainerId& container) {
  const auto gone = containers_.find(container);
  if (gone == containers_.end()) return;
  for (const pid_t session : gone->second.sessions) {
    const auto entry = sessions_.find(session);
    if (entry != sessions_.end() && entry->second == container) sessions_.erase(entry);
  }
  containers_.erase(gone);
}

void ProcessTree::add_session(const ContainerId& container, pid_t session) {
  if (!sessions_.try_emplace(session, container).second) return;
  containers_.at(container).sessions.push_back(session);
}

bool ProcessTree::is_leader(pid_t pid) const {
  const auto session = sessions_.find(pid);
  return session != sessions_.end() && containers_.at(session->second).leader == pid;
}

std::optional<ContainerId> ProcessTree::owner_of(pid_t pid, pid_t session) const {
  if (const auto known = sessions_.find(session); known != sessions_.end()) return known->second;
  const ContainerId mark(mark_of(pid));
  if (containers_.contains(mark)) return mark;
  for (const char* link : {"cwd", "fd/1", "fd/2"}) {
    const std::string target = read_link(process_path(pid, link));
    for (const auto& [id, container] : containers_) {
      if (lies_below(target, container.sandbox)) return id;
    }
  }
  return std::nullopt;
}

std::vector<ProcessTree::Orphan> ProcessTree::find_orphans() {
  std::vector<Orphan> living;
  std::unordered_map<pid_t, std::optional<ContainerId>> seen;
  for (const pid_t pid : own_children()) {
    if (is_leader(pid)) continue;
    const auto facts = read_facts(pid);
    const auto known = known_.find(pid);
    if (!facts || facts->state == 'Z' || facts->state == 'X') continue;
    auto owner = known == known_.end() ? std::nullopt : known->second;
    if (!owner || !containers_.contains(*owner)) owner = owner_of(pid, facts->session);
    if (owner) add_session(*owner, facts->session);
    living.push_back({pid, owner});
    seen.emplace(pid, std::move(owner));
  }
  known_ = std::move(seen);
  return living;
}

}  // namespace mesolite::container
