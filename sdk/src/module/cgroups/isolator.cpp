#include <charconv>

#include "mesolite/base/text.hpp"
#include "mesolite/module/cgroup_isolator.hpp"

namespace mesolite {
namespace {

constexpr double microseconds_per_second = 1e6;

double decimal(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Result<CgroupFs*> CgroupIsolator::groups() {
  if (!groups_) {
    auto opened = CgroupFs::open({});
    if (!opened) return tl::unexpected(opened.error());
    groups_.emplace(std::move(*opened));
  }
  return &*groups_;
}

Result<CgroupVersion> CgroupIsolator::version() {
  auto opened = groups();
  if (!opened) return tl::unexpected(opened.error());
  return (*opened)->require(controller());
}

Result<Nothing> CgroupIsolator::probe(const IsolatorProbe& probe) {
  CgroupPlace place;
  if (!probe.cgroup_mount.empty()) place.mount = probe.cgroup_mount;
  if (!probe.cgroup_root.empty()) place.root = probe.cgroup_root;
  auto opened = CgroupFs::open(std::move(place));
  if (!opened) return tl::unexpected(opened.error());
  if (auto made = opened->make("", controllers_); !made) return tl::unexpected(made.error());
  use(std::move(*opened));
  return Nothing{};
}

Result<Contribution> CgroupIsolator::place(const ContainerContext& container,
                                           const std::vector<Setting>& settings) {
  auto opened = groups();
  if (!opened) return tl::unexpected(opened.error());
  Status status = (*opened)->make(name_of(container), controllers_);
  if (status) status = set(container, settings);
  if (!status) return tl::unexpected(status.error());
  Contribution contribution = unattended();
  contribution.cgroups = (*opened)->directories(name_of(container), controllers_);
  return contribution;
}

Status CgroupIsolator::set(const ContainerContext& container,
                           const std::vector<Setting>& settings) {
  auto opened = groups();
  if (!opened) return tl::unexpected(opened.error());
  Status status;
  for (const auto& [file, value] : settings) {
    if (status) status = (*opened)->write(controller(), name_of(container), file, value);
  }
  return status;
}

Status CgroupIsolator::apply(const ContainerContext& container,
                             const std::vector<Setting>& settings) {
  auto opened = groups();
  if (!opened) return tl::unexpected(opened.error());
  CgroupFs& files = **opened;
  const std::string& name = name_of(container);
  std::vector<Setting> before;
  for (const auto& [file, value] : settings) {
    const auto old = files.read(controller(), name, file);
    // Some writes are dear even when they change nothing: that of a CPU quota stops every CPU.
    if (old && *old == value) continue;
    const auto written = files.write(controller(), name, file, value);
    if (written) {
      if (old) before.push_back({file, *old});
      continue;
    }
    for (auto undo = before.rbegin(); undo != before.rend(); ++undo) {
      (void)files.write(controller(), name, undo->file, undo->value);
    }
    return written;
  }
  return {};
}

Result<Nothing> CgroupIsolator::cleanup(const ContainerContext& container) {
  auto opened = groups();
  if (!opened) return Nothing{};  // where there are no cgroups nothing can be left in one
  if (auto removed = (*opened)->remove(name_of(container), controllers_); !removed) {
    return tl::unexpected(removed.error());
  }
  return Nothing{};
}

Result<Nothing> CgroupIsolator::recover(const RecoverRequest& request) {
  Result<Nothing> result = Nothing{};
  for (const ContainerId& orphan : request.orphans) {
    ContainerContext context;
    context.id = orphan;
    if (auto cleaned = cleanup(context); !cleaned) result = cleaned;
  }
  return result;
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345" and a line that begins with "full".
void CgroupIsolator::add_pressure(const ContainerContext& container, const std::string& resource,
                                  UsageAnswer& answer) {
  auto opened = groups();
  if (!opened) return;
  // On a hybrid machine the host may have the container in a group of its v2 mount.
  const bool v2 = (*opened)->version(controller()) == CgroupVersion::v2;
  const auto text =
      (*opened)->read(v2 ? controller() : "cgroup", name_of(container), resource + ".pressure");
  if (!text) return;
  for (const std::string_view line : split(*text, '\n')) {
    const auto words = split(line, ' ');
    const std::string prefix = resource + "_pressure_" + std::string(words.front()) + "_";
    for (const std::string_view word : words) {
      if (word.starts_with("avg10=")) {
        answer.statistics[prefix + "avg10"] = decimal(word.substr(word.find('=') + 1));
      } else if (word.starts_with("total=")) {
        answer.statistics[prefix + "secs"] =
            decimal(word.substr(word.find('=') + 1)) / microseconds_per_second;
      }
    }
  }
}

}  // namespace mesolite
