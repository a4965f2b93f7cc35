#include "tests/stories/agent_stage.hpp"

#include <map>
#include <optional>

#include "kernel/agent/agent.hpp"
#include "mesolite/base/check.hpp"
#include "tests/stories/print.hpp"
#include "tests/stories/words.hpp"

namespace mesolite::testing {

namespace {

Resources resources_of(std::string_view text) {
  const Result<Resources> parsed = Resources::parse(text);
  MESOLITE_CHECK(parsed.has_value(), "a story writes resources down correctly");
  return *parsed;
}

constexpr Time start{Duration(1'000'000s)};

agent::Configuration stage_configuration() {
  agent::Configuration configuration;
  configuration.info.hostname = "host";
  configuration.info.resources = resources_of("cpus:8;mem:8192");
  configuration.incarnation = 7;
  configuration.work_dir = "/work";
  configuration.runtime_dir = "/run/agent";
  configuration.executor_endpoint = "ipc:///run/agent/executors";
  configuration.usage_interval = 1000h;  // nobody measures here
  return configuration;
}

MasterInfo story_master() {
  MasterInfo master;
  master.id = "M";
  master.epoch = 1;
  master.cluster = "C";
  return master;
}

class AgentStage final : public Stage {
 public:
  Lines perform(const Words& words) override {
    static const std::map<std::string, void (AgentStage::*)(const Words&)> inputs = {
        {"agent", &AgentStage::configure},
        {"connected", &AgentStage::connected},
        {"disconnected", &AgentStage::disconnected},
        {"welcome", &AgentStage::welcome},
        {"registered", &AgentStage::registered},
        {"refused", &AgentStage::refused},
        {"ping", &AgentStage::ping},
        {"run", &AgentStage::run},
        {"kill", &AgentStage::kill},
        {"ack", &AgentStage::ack},
        {"shutdown_framework", &AgentStage::shutdown_framework},
        {"shutdown_executor", &AgentStage::shutdown_executor},
        {"message", &AgentStage::message},
        {"launched", &AgentStage::launched},
        {"fails", &AgentStage::fails},
        {"exited", &AgentStage::exited},
        {"executor", &AgentStage::executor},
        {"lost", &AgentStage::lost},
        {"says", &AgentStage::says},
        {"terminate", &AgentStage::terminate},
        {"pass", &AgentStage::pass},
    };
    lines_.clear();
    const auto input = inputs.find(words.at(0));
    if (words[0] == "state") return state();
    if (input == inputs.end()) return {"?? no such input: " + words[0]};
    (this->*input->second)(words);
    return lines_;
  }

 private:
  agent::Agent& machine() {
    if (!machine_) machine_.emplace(configuration_, now_);
    return *machine_;
  }
  void turn(std::vector<agent::Input> inputs) {
    agent::Outbox outbox;
    for (agent::Input& input : inputs) machine().step(now_, std::move(input), outbox);
    machine().advance(now_, outbox);
    machine().check_invariants();
    for (const agent::Output& output : outbox) tell(output);
  }
  void from_master(Message message) { turn({agent::ReceivedFromMaster{std::move(message)}}); }

  // ---- what came out
  // -----------------------------------------------------------------------------

  void tell(const agent::Output& output) {
    if (const auto* sent = std::get_if<agent::SendToMaster>(&output)) {
      learn(sent->message);
      lines_.push_back("master <- " + printer_.message(sent->message));
    } else if (const auto* told = std::get_if<agent::SendToPeer>(&output)) {
      lines_.push_back(peers_.at(told->peer) + " <- " + printed(told->message));
    } else if (const auto* cut = std::get_if<agent::DisconnectPeer>(&output)) {
      lines_.push_back(peers_.at(cut->peer) + " is cut off");
    } else if (const auto* launch = std::get_if<agent::Launch>(&output)) {
      tell_of_launch(*launch);
    } else if (const auto* end = std::get_if<agent::Terminate>(&output)) {
      lines_.push_back("terminate " + names_.at(end->container));
    } else if (const auto* destroy = std::get_if<agent::Destroy>(&output)) {
      lines_.push_back("destroy " + names_.at(destroy->container));
    } else if (const auto* update = std::get_if<agent::UpdateContainer>(&output)) {
      lines_.push_back("update " + names_.at(update->context.id) + ": " +
                       update->context.requests.to_text());
    } else if (const auto* retire = std::get_if<agent::RetireSandbox>(&output)) {
      lines_.push_back("retire the sandbox of " + names_.at(retire->container));
    } else if (std::holds_alternative<agent::ReconnectMaster>(output)) {
      lines_.push_back("reconnect");
    } else if (const auto* finished = std::get_if<agent::Finished>(&output)) {
      lines_.push_back("finished: " + finished->reason);
    } else if (const auto* event = std::get_if<Event>(&output)) {
      lines_.push_back("! " + to_text(*event));
    }
  }

  // Without what only an executor can read.
  std::string printed(Message message) const {
    if (auto* launch = std::get_if<LaunchTasks>(&message)) {
      for (TaskLaunch& task : launch->tasks) task.detail = Bytes();
    }
    return printer_.message(message);
  }

  void tell_of_launch(const agent::Launch& launch) {
    const ContainerContext& context = launch.context;
    const bool command = context.executor_id.empty();
    const std::string name = command ? context.task_id.value : context.executor_id.value;
    names_[context.id] = name;
    containers_[name] = launch;
    lines_.push_back("launch " + name + ": '" + launch.command.value + "' with " +
                     context.requests.to_text());
  }

  // What the master would remember for an acknowledgement.
  void learn(const Message& message) {
    const auto* updates = std::get_if<AgentUpdates>(&message);
    if (updates == nullptr) return;
    for (const AgentUpdate& update : updates->updates) {
      sent_[{update.framework_id.value, update.status.task_id.value}] = update.status.update_id;
    }
  }

  // ---- the master
  // --------------------------------------------------------------------------------

  void configure(const Words& words) {
    const std::map<std::string, Duration*> settings = {
        {"executor_registration_timeout", &configuration_.executor_registration_timeout},
        {"executor_shutdown_grace_period", &configuration_.executor_shutdown_grace_period},
        {"registration_backoff_factor", &configuration_.registration_backoff_factor},
        {"update_retry_min", &configuration_.update_retry_min},
        {"update_retry_max", &configuration_.update_retry_max},
    };
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      *settings.at(key) = duration(value);
    }
  }

  void connected(const Words&) { turn({agent::MasterConnected{}}); }
  void disconnected(const Words&) { turn({agent::MasterDisconnected{}}); }

  void welcome(const Words& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "epoch") master_.epoch = number(value);
      if (key == "cluster") master_.cluster = value;
    }
    from_master(Welcome{"", master_});
  }

  void registered(const Words& words) {
    AgentRegistered answer{AgentId(words.at(1)), master_, Duration(75s)};
    if (words.size() > 2) answer.ping_timeout = duration(key_value(words[2]).second);
    from_master(std::move(answer));
  }

  void refused(const Words& words) { from_master(Refused{words.at(1), {}}); }
  void ping(const Words&) { from_master(Ping{++last_ping_}); }

  void run(const Words& words) {
    RunTasks order;
    order.framework.id = FrameworkId(words.at(1));
    order.framework.name = words[1];
    order.role = "ops";
    std::optional<Duration> finish_within;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "finish_within") finish_within = duration(value);
    }
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [key, value] = key_value(words[i]);
      if (key == "group") {
        order.group = true;
      } else if (key == "killing_state") {
        order.framework.capabilities = {FrameworkCapability::task_killing_state};
      } else if (key.starts_with("executor:")) {
        order.executors.push_back(pack(executor_info(key.substr(9), value)));
      } else if (key != "finish_within") {
        order.tasks.push_back(task(key, value, finish_within));
      }
    }
    from_master(std::move(order));
  }

  static ExecutorInfo executor_info(const std::string& name, const std::string& resources) {
    ExecutorInfo info;
    info.id = ExecutorId(name);
    info.command.value = "./" + name;
    info.resources = resources_of(resources);
    return info;
  }

  static TaskLaunch task(const std::string& name, const std::string& text,
                         std::optional<Duration> finish_within) {
    const std::size_t at = text.find('@');
    TaskInfo info;
    info.id = TaskId(name);
    info.name = name;
    info.resources = resources_of(text.substr(0, at));
    info.max_completion_time = finish_within;
    if (at == std::string::npos) {
      info.command.emplace();
      info.command->value = "./" + name;
    } else {
      info.executor = executor_info(text.substr(at + 1), "");
    }
    return pack(std::move(info));
  }

  void kill(const Words& words) {
    KillAgentTask order{FrameworkId(words.at(1)), TaskId(words.at(2)), {}};
    if (words.size() > 3) order.policy = KillPolicy{duration(key_value(words[3]).second)};
    from_master(std::move(order));
  }

  void ack(const Words& words) {
    const UpdateId update = sent_.at({words.at(1), words.at(2)});
    from_master(AcknowledgeUpdates{{{FrameworkId(words[1]), TaskId(words[2]), update}}});
  }

  void shutdown_framework(const Words& words) {
    from_master(ShutdownFramework{FrameworkId(words.at(1))});
  }
  void shutdown_executor(const Words& words) {
    from_master(ShutdownFrameworkExecutor{FrameworkId(words.at(1)), ExecutorId(words.at(2))});
  }
  void message(const Words& words) {
    from_master(
        ExecutorMessage{FrameworkId(words.at(1)), ExecutorId(words.at(2)), Bytes(words.at(3))});
  }

  // ---- the host
  // ----------------------------------------------------------------------------------

  const ContainerId& container(const std::string& name) { return containers_.at(name).context.id; }

  void launched(const Words& words) {
    turn({agent::Launched{container(words.at(1)), std::int64_t{100}}});
  }
  void fails(const Words& words) {
    turn({agent::Launched{container(words.at(1)), failure(words.at(2))}});
  }
  void exited(const Words& words) {
    const auto status = static_cast<std::int32_t>(number(words.at(2)));
    turn({agent::Exited{container(words.at(1)), status, {}}});
  }

  void executor(const Words& words) {
    const agent::Launch& launch = containers_.at(words.at(1));
    const PeerId peer{++last_peer_};
    peers_[peer] = words[1];
    Hello hello;
    hello.role = PeerRole::executor;
    RegisterExecutor request;
    request.framework_id = launch.context.framework_id;
    request.executor_id = launch.context.executor_id;
    request.token = launch.environment.at("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
    turn({agent::ReceivedFromPeer{peer, std::move(hello)},
          agent::ReceivedFromPeer{peer, std::move(request)}});
  }

  PeerId peer_of(const std::string& name) const {
    PeerId newest;
    for (const auto& [peer, owner] : peers_) {
      if (owner == name) newest = peer;
    }
    return newest;
  }

  void lost(const Words& words) { turn({agent::PeerLost{peer_of(words.at(1))}}); }

  void says(const Words& words) {
    TaskStatus status;
    status.task_id = TaskId(words.at(2));
    status.state = task_state(words.at(3));
    status.update_id = {42, ++last_update_};
    turn({agent::ReceivedFromPeer{peer_of(words.at(1)), ExecutorUpdates{{std::move(status)}}}});
  }

  void terminate(const Words&) { turn({agent::ShutdownRequested{}}); }

  void pass(const Words& words) {
    const Time end = now_ + duration(words.at(1));
    for (auto next = machine().next_deadline(); next && *next <= end;
         next = machine().next_deadline()) {
      now_ = std::max(now_, *next);
      turn({});
    }
    now_ = end;
  }

  Lines state() {
    const AgentStateSnapshot all = machine().snapshot(now_);
    Lines lines = {all.registered ? "registered" : "not registered"};
    for (const auto& task : all.tasks) {
      lines.push_back("task " + task.id.value + " " + std::string(to_text(task.state)));
    }
    return lines;
  }

  agent::Configuration configuration_ = stage_configuration();
  Time now_ = start;
  std::optional<agent::Agent> machine_;
  const Printer printer_{start};
  Lines lines_;  // of the input under way
  MasterInfo master_ = story_master();
  std::map<ContainerId, std::string> names_;
  std::map<std::string, agent::Launch> containers_;  // the newest of each name
  std::map<PeerId, std::string> peers_;
  std::map<std::pair<std::string, std::string>, UpdateId> sent_;
  std::uint64_t last_peer_ = 0;
  std::uint64_t last_update_ = 0;
  std::uint64_t last_ping_ = 0;
};

}  // namespace

std::unique_ptr<Stage> make_agent_stage() {
  return std::make_unique<AgentStage>();
}

}  // namespace mesolite::testing
