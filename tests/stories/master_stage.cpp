#include "tests/stories/master_stage.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "mesolite/base/reservations.hpp"
#include "tests/kernel/master/world.hpp"
#include "tests/stories/print.hpp"
#include "tests/stories/words.hpp"

namespace mesolite::testing {

namespace {

std::vector<OfferId> offer_ids(const std::string& text) {
  std::vector<OfferId> ids;
  for (const std::string& item : listed(text)) ids.push_back(OfferId{number(item)});
  return ids;
}

// "disk:10@eng": reserved dynamically to the role "eng".
Resources reserved(std::string_view text) {
  const std::size_t at = text.find('@');
  const Resources plain = resources(text.substr(0, at));
  if (at == std::string_view::npos) return plain;
  return with_reservation(plain, {std::string(text.substr(at + 1)), true, "", {}});
}

// "v:disk:10@eng": the volume "v" on it.
Resources volume(std::string_view text) {
  const std::size_t colon = text.find(':');
  Resource part = reserved(text.substr(colon + 1)).others().at(0);
  part.key.volume = Volume{std::string(text.substr(0, colon)), "data", ""};
  Resources made;
  made.add(part);
  return made;
}

OperationKind operation_kind(std::string_view name) {
  for (std::size_t i = 1; i < enum_count<OperationKind>(); ++i) {
    if (to_text(static_cast<OperationKind>(i)) == name) return static_cast<OperationKind>(i);
  }
  return OperationKind::unknown;
}

class MasterStage final : public Stage {
 public:
  Lines perform(const Words& words) override {
    static const std::map<std::string, Lines (MasterStage::*)(const Words&)> inputs = {
        {"master", &MasterStage::configure},
        {"agent", &MasterStage::agent},
        {"back", &MasterStage::back},
        {"framework", &MasterStage::framework},
        {"crowd", &MasterStage::crowd},
        {"launch", &MasterStage::launch},
        {"decline", &MasterStage::decline},
        {"suppress", &MasterStage::suppress},
        {"revive", &MasterStage::revive},
        {"update", &MasterStage::update},
        {"ack", &MasterStage::ack},
        {"kill", &MasterStage::kill},
        {"reconcile", &MasterStage::reconcile},
        {"exited", &MasterStage::exited},
        {"message", &MasterStage::message},
        {"reply", &MasterStage::reply},
        {"teardown", &MasterStage::teardown},
        {"unregister", &MasterStage::unregister},
        {"lose", &MasterStage::lose},
        {"mute", &MasterStage::mute},
        {"pass", &MasterStage::pass},
        {"state", &MasterStage::state},
        {"weights", &MasterStage::weights},
        {"quota", &MasterStage::quota},
        {"operator", &MasterStage::operate},
        {"restart", &MasterStage::restart},
        {"drain", &MasterStage::drain},
        {"service", &MasterStage::service},
    };
    const auto input = inputs.find(words.at(0));
    if (input == inputs.end()) return {"?? no such input: " + words.at(0)};
    return (this->*input->second)(words);
  }

 private:
  struct Party {
    PeerId peer;
    std::string id;
    Resources total;  // of an agent
  };

  World& world() {
    if (!world_) world_.emplace(configuration_);
    return *world_;
  }
  const Party& party(const std::string& name) { return parties_.at(name); }
  Lines say(const std::string& name, Message message) {
    world().say(party(name).peer, std::move(message));
    return outputs();
  }

  // ---- what came out
  // -----------------------------------------------------------------------------

  Lines outputs() {
    Lines lines;
    for (const master::Output& output : world().take_log()) {
      if (const auto* send = std::get_if<master::Send>(&output)) {
        learn(*send);
        lines.push_back(name_of(send->peer) + " <- " + printer_.message(send->message));
      } else if (const auto* cut = std::get_if<master::Disconnect>(&output)) {
        lines.push_back(name_of(cut->peer) + " is cut off");
      } else if (const auto* event = std::get_if<Event>(&output)) {
        lines.push_back("! " + to_text(*event));
      }
    }
    return lines;
  }

  // What a party would remember of what it is told.
  void learn(const master::Send& send) {
    Party* party = nullptr;
    for (auto& [name, candidate] : parties_) {
      if (candidate.peer == send.peer) party = &candidate;
    }
    if (party == nullptr) return;
    if (const auto* registered = std::get_if<AgentRegistered>(&send.message)) {
      party->id = registered->agent_id.value;
    } else if (const auto* subscribed = std::get_if<Subscribed>(&send.message)) {
      party->id = subscribed->framework_id.value;
    } else if (const auto* run = std::get_if<RunTasks>(&send.message)) {
      for (const TaskLaunch& task : run->tasks) {
        launched_[task.id.value] = {run->framework.id, task, run->role, TaskState::running, {}};
      }
    }
  }

  std::string name_of(PeerId peer) const {
    const auto found = names_.find(peer);
    return found == names_.end() ? "peer " + std::to_string(peer.value) : found->second;
  }

  PeerId connect(const std::string& name, PeerRole role) {
    const PeerId peer = world().connect(role);
    world().take_log();  // the greeting is the same every time
    names_[peer] = name;
    parties_[name].peer = peer;
    return peer;
  }

  // ---- inputs
  // ------------------------------------------------------------------------------------

  Lines configure(const Words& words) {
    const std::map<std::string, Duration*> settings = {
        {"agent_ping_timeout", &configuration_.agent_ping_timeout},
        {"agent_reregister_timeout", &configuration_.agent_reregister_timeout},
        {"offer_timeout", &configuration_.offer_timeout},
        {"allocation_interval", &configuration_.allocation_interval},
    };
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      *settings.at(key) = duration(value);
    }
    return {};
  }

  Lines agent(const Words& words) {
    connect(words.at(1), PeerRole::agent);
    parties_[words[1]].total = resources(words.at(2));
    RegisterAgent request;
    request.agent.hostname = words[1];
    request.agent.resources = resources(words[2]);
    return say(words[1], std::move(request));
  }

  Lines back(const Words& words) {
    connect(words.at(1), PeerRole::agent);
    RegisterAgent request;
    request.agent.id = AgentId(party(words[1]).id);
    request.agent.hostname = words[1];
    request.agent.resources = party(words[1]).total;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [id, state] = key_value(words[i]);
      RunningTask task = launched_.at(id);
      if (!state.empty()) task.state = task_state(state);
      request.tasks.push_back(std::move(task));
    }
    return say(words[1], std::move(request));
  }

  Lines framework(const Words& words) {
    FrameworkInfo info;
    info.name = words.at(1);
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "id") info.id = FrameworkId(party(value).id);
      if (key == "roles") info.roles = listed(value);
      if (key == "suppressed") info.suppressed_roles = listed(value);
      if (key == "failover") info.failover_timeout = duration(value);
      if (key == "partition_aware") info.capabilities = {FrameworkCapability::partition_aware};
    }
    connect(words[1], PeerRole::scheduler);
    return say(words[1], Subscribe{std::move(info)});
  }

  Lines crowd(const Words& words) {
    FrameworkInfo info;
    info.suppressed_roles = {"*"};
    const std::uint64_t count = number(words.at(1));
    for (std::uint64_t i = 0; i < count; ++i) world().add_framework(info);
    world().take_log();
    return {std::to_string(count) + " frameworks are subscribed and want nothing"};
  }

  Lines launch(const Words& words) {
    Accept accept;
    accept.offers = offer_ids(words.at(2));
    PackedOperation operation;
    operation.kind = OperationKind::launch;
    for (std::size_t i = 3; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "refuse") {
        accept.filters.refuse_duration = duration(value);
      } else if (key.starts_with("executor:")) {
        accept.executors.push_back({ExecutorId(key.substr(9)), resources(value), {}});
      } else if (const OperationKind kind = operation_kind(key); kind != OperationKind::unknown) {
        const bool of_volume = kind == OperationKind::create || kind == OperationKind::destroy;
        accept.operations.push_back({kind, {}, of_volume ? volume(value) : reserved(value)});
      } else {
        operation.tasks.push_back(task(key, value));
      }
    }
    if (!operation.tasks.empty()) accept.operations.push_back(std::move(operation));
    return say(words.at(1), std::move(accept));
  }

  // "cpus:1;mem:64", "cpus:1@executor", "cpus:1+v:disk:10@role" (on a volume)
  static TaskLaunch task(const std::string& id, const std::string& needs) {
    const std::size_t plus = needs.find('+');
    const std::string plain = needs.substr(0, plus);
    const std::size_t at = plain.find('@');
    const std::string executor = at == std::string::npos ? "" : plain.substr(at + 1);
    TaskLaunch task = task_launch(id, plain.substr(0, at), executor);
    if (plus != std::string::npos) task.resources += volume(needs.substr(plus + 1));
    return task;
  }

  Lines decline(const Words& words) {
    Decline request{offer_ids(words.at(2)), {}};
    if (words.size() > 3) request.filters.refuse_duration = duration(key_value(words[3]).second);
    return say(words.at(1), std::move(request));
  }

  Lines suppress(const Words& words) {
    return say(words.at(1), Suppress{Words(words.begin() + 2, words.end())});
  }

  Lines revive(const Words& words) {
    return say(words.at(1), Revive{Words(words.begin() + 2, words.end())});
  }

  Lines update(const Words& words) {
    AgentUpdate update;
    update.framework_id = FrameworkId(party(words.at(2)).id);
    update.status.task_id = TaskId(words.at(3));
    update.status.state = task_state(words.at(4));
    update.status.source = UpdateSource::agent;
    update.status.update_id = {1, ++last_update_};
    if (words.size() > 5) update.latest_state = task_state(key_value(words[5]).second);
    return say(words.at(1), AgentUpdates{{update}});
  }

  Lines ack(const Words& words) {
    return say(
        words.at(1),
        Acknowledge{
            {{AgentId(party(words.at(2)).id), TaskId(words.at(3)), {1, number(words.at(4))}}}});
  }

  Lines kill(const Words& words) { return say(words.at(1), KillTask{TaskId(words.at(2)), {}, {}}); }

  Lines reconcile(const Words& words) {
    Reconcile request;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t at = words[i].find('@');
      const std::string agent = at == std::string::npos ? "" : party(words[i].substr(at + 1)).id;
      request.tasks.push_back({TaskId(words[i].substr(0, at)), AgentId(agent)});
    }
    return say(words.at(1), std::move(request));
  }

  Lines exited(const Words& words) {
    return say(words.at(1),
               ExecutorExited{FrameworkId(party(words.at(2)).id), ExecutorId(words.at(3)),
                              static_cast<std::int32_t>(number(words.at(4))), "it ended"});
  }

  Lines message(const Words& words) {
    return say(words.at(1), MessageToExecutor{AgentId(party(words.at(2)).id),
                                              ExecutorId(words.at(3)), Bytes(words.at(4))});
  }

  Lines reply(const Words& words) {
    return say(words.at(1), ExecutorMessage{FrameworkId(party(words.at(2)).id),
                                            ExecutorId(words.at(3)), Bytes(words.at(4))});
  }

  Lines teardown(const Words& words) { return say(words.at(1), Teardown{}); }
  Lines unregister(const Words& words) { return say(words.at(1), UnregisterAgent{}); }

  // ---- operators ----

  Lines ask(Message request) {
    if (!parties_.contains("operator")) connect("operator", PeerRole::operator_client);
    return say("operator", std::move(request));
  }

  Lines weights(const Words& words) {
    SetWeights request;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [role, weight] = key_value(words[i]);
      request.weights.push_back({role, static_cast<double>(number(weight))});
    }
    return ask(std::move(request));
  }

  Lines quota(const Words& words) {
    SetQuota request;
    RoleQuota& quota = request.quotas.emplace_back();
    quota.role = words.at(1);
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "guarantee") quota.guarantee = resources(value);
      if (key == "limit") quota.limit = resources(value);
      if (key == "force") request.force = true;
    }
    return ask(std::move(request));
  }

  Lines operate(const Words& words) {
    const AgentId agent(party(words.at(2)).id);
    switch (operation_kind(words.at(1))) {
      case OperationKind::reserve:
        return ask(ReserveResources{0, agent, reserved(words.at(3))});
      case OperationKind::unreserve:
        return ask(UnreserveResources{0, agent, reserved(words.at(3))});
      case OperationKind::create:
        return ask(CreateVolumes{0, agent, volume(words.at(3))});
      case OperationKind::destroy:
        return ask(DestroyVolumes{0, agent, volume(words.at(3))});
      default:
        return {"?? no such operation: " + words.at(1)};
    }
  }

  Lines lose(const Words& words) {
    world().lose(party(words.at(1)).peer);
    return outputs();
  }

  Lines mute(const Words& words) {
    world().mute(party(words.at(1)).peer);
    return {};
  }

  Lines pass(const Words& words) {
    world().pass(duration(words.at(1)));
    return outputs();
  }

  Lines drain(const Words& words) {
    DrainAgent request;
    request.agent_id = AgentId(party(words.at(1)).id);
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "within") request.within = duration(value);
      if (key == "gone") request.mark_gone = true;
    }
    return ask(request);
  }

  Lines service(const Words& words) {
    const AgentId agent(party(words.at(2)).id);
    if (words[1] == "off") return ask(DeactivateAgent{0, agent});
    if (words[1] == "on") return ask(ReactivateAgent{0, agent});
    if (words[1] == "gone") return ask(MarkAgentGone{0, agent});
    return {"?? no such service: " + words[1]};
  }

  Lines restart(const Words& words) {
    const Time start = world().now() + duration(words.at(1));
    auto registry = world().registry();
    ++configuration_.info.epoch;
    names_.clear();
    world_.emplace(configuration_, std::move(registry), start);
    return outputs();
  }

  Lines state(const Words&) {
    Lines lines;
    const ClusterSnapshot cluster = world().machine().snapshot(world().now());
    for (const AgentSnapshot& agent : cluster.agents) {
      lines.push_back(agent.info.hostname + " " + std::string(to_text(agent.condition)) +
                      " used=" + agent.used.to_text() + " offered=" + agent.offered.to_text());
    }
    for (const TaskSnapshot& task : cluster.tasks) {
      lines.push_back("task " + task.id.value + " of " + task.framework_id.value + " on " +
                      task.agent_id.value + " " + std::string(to_text(task.state)));
    }
    return lines;
  }

  master::Configuration configuration_ = world_configuration();
  std::optional<World> world_;
  const Printer printer_{world_start};
  std::map<std::string, Party> parties_;
  std::map<PeerId, std::string> names_;
  std::map<std::string, RunningTask> launched_;
  std::uint64_t last_update_ = 0;
};

}  // namespace

std::unique_ptr<Stage> make_master_stage() {
  return std::make_unique<MasterStage>();
}

}  // namespace mesolite::testing
