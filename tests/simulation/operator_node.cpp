#include "tests/simulation/operator_node.hpp"

#include <utility>

namespace mesolite::simulation {

OperatorNode::OperatorNode(Surroundings& around) : around_(around) {
  around_.network.add(*this);
  around_.network.connect(id, "master");
  live();
}

OperatorNode::~OperatorNode() {
  around_.network.remove(*this);
}

void OperatorNode::connected() {
  Hello hello;
  hello.role = PeerRole::operator_client;
  hello.mechanism = "none";
  hello.principal = "ops";
  messages_.emplace_back(std::move(hello));
}

void OperatorNode::disconnected() {
  welcome_ = false;
}

void OperatorNode::received(Message message) {
  if (std::holds_alternative<Welcome>(message)) welcome_ = true;
  if (const auto* ping = std::get_if<Ping>(&message)) messages_.emplace_back(Pong{ping->sequence});
  const auto* answer = std::get_if<OperatorAnswer>(&message);
  if (answer != nullptr && answer->error.empty() && answer->text.empty()) {
    around_.witness.accuse("an operator is answered with nothing");
  }
}

void OperatorNode::end_turn() {
  around_.network.send(id, std::exchange(messages_, {}));
}

void OperatorNode::live() {
  around_.timeline.in(around_.between(500ms, 4s), [network = &around_.network, node = id] {
    auto* self = static_cast<OperatorNode*>(network->find(node));
    if (self == nullptr || self->around_.calm) return;
    if (self->welcome_) self->act();
    self->end_turn();
    self->live();
  });
}

void OperatorNode::act() {
  Random& random = around_.random;
  if (random.chance(0.4)) set_quota();
  if (random.chance(0.2)) set_weight();
  if (random.chance(0.5)) change_reservation();
  if (random.chance(0.2)) change_agent();
  if (random.chance(0.2)) ask_why();
  if (random.chance(0.1)) messages_.emplace_back(ReloadModule{++last_request_, "allocator", {}});
  if (random.chance(0.02)) {
    const FrameworkId framework("c-F" + std::to_string(1 + random.below(4)));
    messages_.emplace_back(TeardownFramework{++last_request_, framework});
  }
}

std::string OperatorNode::some_role() const {
  static const std::vector<std::string> roles = {"ops", "eng", "eng/web", "eng/db", "*"};
  return roles[around_.random.below(roles.size())];
}

void OperatorNode::set_quota() {
  Random& random = around_.random;
  RoleQuota quota;
  quota.role = some_role();
  const std::uint64_t cpus = 1 + random.below(12);
  if (random.chance(0.3)) {
    quota.guarantee = *Resources::parse("cpus:" + std::to_string(1 + random.below(cpus)));
  }
  if (random.chance(0.7)) quota.limit = *Resources::parse("cpus:" + std::to_string(cpus));
  messages_.emplace_back(SetQuota{++last_request_, {std::move(quota)}, random.chance(0.7)});
}

void OperatorNode::set_weight() {
  const double weight = 0.5 + 4 * around_.random.unit();
  messages_.emplace_back(SetWeights{++last_request_, {{some_role(), weight}}});
}

void OperatorNode::ask_why() {
  Random& random = around_.random;
  ExplainOffers question{++last_request_, "scheduler" + std::to_string(random.below(3)), "", {}};
  if (random.chance(0.3)) question.role = some_role();
  if (random.chance(0.5)) {
    question.wants = *Resources::parse("cpus:" + std::to_string(1 + random.below(12)));
  }
  messages_.emplace_back(std::move(question));
}

AgentId OperatorNode::some_agent() const {
  return AgentId("c-A" + std::to_string(1 + around_.random.below(8)));
}

void OperatorNode::change_agent() {
  Random& random = around_.random;
  switch (random.below(6)) {
    case 0: {
      DrainAgent drain{++last_request_, some_agent(), {}, random.chance(0.1)};
      if (random.chance(0.5)) drain.within = around_.between(0s, 10s);
      return void(messages_.emplace_back(std::move(drain)));
    }
    case 1:
      return void(messages_.emplace_back(DeactivateAgent{++last_request_, some_agent()}));
    case 2:
      return void(messages_.emplace_back(MarkAgentGone{++last_request_, some_agent()}));
    default:
      return void(messages_.emplace_back(ReactivateAgent{++last_request_, some_agent()}));
  }
}

void OperatorNode::change_reservation() {
  Random& random = around_.random;
  Resource resource;
  resource.key.name = "cpus";
  resource.amount = static_cast<std::int64_t>(500 * (1 + random.below(4)));
  resource.key.reservations = {{some_role(), true, "ops", {}}};
  Resources resources;
  resources.add(std::move(resource));
  const AgentId agent = some_agent();
  if (random.chance(0.5)) {
    messages_.emplace_back(ReserveResources{++last_request_, agent, std::move(resources)});
  } else {
    messages_.emplace_back(UnreserveResources{++last_request_, agent, std::move(resources)});
  }
}

}  // namespace mesolite::simulation
