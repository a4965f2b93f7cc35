// What an agent finds in its work directory when it starts, and what it keeps apart there.
#pragma once

#include <filesystem>
#include <memory>

#include "kernel/agent/durable.hpp"
#include "kernel/config/options.hpp"
#include "kernel/runtime/checkpoint_store.hpp"
#include "kernel/runtime/event_log.hpp"
#include "mesolite/module/cgroups.hpp"

namespace mesolite::daemon {

struct LeftBehind {
  std::unique_ptr<runtime::CheckpointStore> checkpoints;
  agent::Durable durable;
};

// What the last agent of this work directory has left behind, as far as it can be read; the rest is
// said in the log. Fails, with what to do, when this agent, being `now`, may not go on from it:
// checkpoints are damaged and --strict is set, or it is not the same any more.
Result<LeftBehind> read_left_behind(const config::AgentOptions& options,
                                    const std::filesystem::path& work_dir, const AgentInfo& now,
                                    runtime::EventLog& log);

// Groups of different agents never meet, whatever their names: each has a folder of its own below
// --cgroups_root, which goes with an agent that has served to its end.
class CgroupFolder {
 public:
  CgroupFolder(const config::AgentOptions& options, const std::filesystem::path& work_dir);
  ~CgroupFolder();
  CgroupFolder(const CgroupFolder&) = delete;
  CgroupFolder& operator=(const CgroupFolder&) = delete;

  const CgroupPlace& place() const { return place_; }
  void served() { served_ = true; }

 private:
  CgroupPlace place_;
  bool served_ = false;
};

}  // namespace mesolite::daemon
