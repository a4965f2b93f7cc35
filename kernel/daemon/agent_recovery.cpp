#include "kernel/daemon/agent_recovery.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include "kernel/runtime/crc32c.hpp"

namespace mesolite::daemon {
namespace {

constexpr const char* checkpoint_folder = "meta";

std::vector<std::string> read_records(const runtime::CheckpointStore& store,
                                      agent::Durable& durable) {
  std::vector<std::string> problems = store.problems();
  for (const auto& [key, value] : store.records()) {
    if (const Status added = durable.add(key, value); !added) {
      problems.push_back(added.error().message);
    }
  }
  for (std::string& stray : durable.drop_strays()) problems.push_back(std::move(stray));
  return problems;
}

}  // namespace

Result<LeftBehind> read_left_behind(const config::AgentOptions& options,
                                    const std::filesystem::path& work_dir, const AgentInfo& now,
                                    runtime::EventLog& log) {
  auto store = runtime::CheckpointStore::open(work_dir / checkpoint_folder);
  if (!store) return tl::unexpected(store.error());
  LeftBehind left{std::move(*store), {}};
  const auto problems = read_records(*left.checkpoints, left.durable);
  for (const std::string& problem : problems) log.write(Severity::warning, problem);
  if (options.recover == "as-new") return left;
  if (options.strict && !problems.empty()) {
    return failure(problems.front() +
                   "; start without --strict to go on with what is left, or with --recover=as-new "
                   "to give it up");
  }
  if (!left.durable.agent) return left;
  const AgentInfo& before = left.durable.agent->info;
  if (const Status compatible = agent::check_compatible(before, now); !compatible) {
    return failure("cannot go on as agent " + before.id.value + ": " + compatible.error().message +
                   "; start as before, or with --recover=as-new, which ends what runs here");
  }
  return left;
}

CgroupFolder::CgroupFolder(const config::AgentOptions& options,
                           const std::filesystem::path& work_dir) {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "/%08x",
                static_cast<unsigned>(runtime::crc32c(work_dir.native())));
  place_ = {options.cgroups_hierarchy.string(), options.cgroups_root + name.data()};
}

CgroupFolder::~CgroupFolder() {
  if (!served_) return;
  if (auto groups = CgroupFs::open(place_); groups) (void)groups->remove("");
}

}  // namespace mesolite::daemon
