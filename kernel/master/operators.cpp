#include "kernel/master/operators.hpp"

#include <optional>
#include <set>
#include <vector>

#include "kernel/master/access.hpp"
#include "kernel/master/agent_operations.hpp"
#include "kernel/master/quota.hpp"
#include "kernel/master/reservations.hpp"
#include "kernel/master/state.hpp"

namespace mesolite::master {

namespace {

constexpr std::size_t module_name_bytes_max = 255;

Answer teardown(State& state, const TeardownFramework& request) {
  Framework* framework = state.frameworks.find(request.framework_id);
  if (framework == nullptr) {
    return failure("framework_id: '" + request.framework_id.value + "' names no framework");
  }
  Peer* peer = state.peers.find(framework->peer);
  remove_framework(state, *framework, "an operator tore it down");
  if (peer != nullptr) {
    state.peers.send(*peer, FrameworkError{"framework " + request.framework_id.value +
                                           " was torn down by an operator"});
    state.peers.cut(*peer);
  }
  return "framework " + request.framework_id.value + " is torn down";
}

// Carries a request out. One overload a message; what has none is no message of an operator.
Answer carry_out(State& state, const Question&, SetWeights& request) {
  return set_weights(state, request);
}
Answer carry_out(State& state, const Question&, SetQuota& request) {
  return set_quota(state, request);
}
Answer carry_out(State& state, const Question& question, ReserveResources& request) {
  return reserve(state, question, request);
}
Answer carry_out(State& state, const Question& question, UnreserveResources& request) {
  return unreserve(state, question, request);
}
Answer carry_out(State& state, const Question& question, CreateVolumes& request) {
  return create_volumes(state, question, request);
}
Answer carry_out(State& state, const Question& question, DestroyVolumes& request) {
  return destroy_volumes(state, question, request);
}
Answer carry_out(State& state, const Question&, TeardownFramework& request) {
  return teardown(state, request);
}

// The allocator is asked first: no answer yet means that it comes in a later step.
std::optional<Answer> carry_out(State& state, const Question& question, ExplainOffers& request) {
  const Status asked = state.explanations.ask(state, question, request);
  if (!asked) return Answer(tl::unexpected(asked.error()));
  return std::nullopt;
}
Answer carry_out(State& state, const Question&, DrainAgent& request) {
  return drain_agent(state, request);
}
Answer carry_out(State& state, const Question&, DeactivateAgent& request) {
  return deactivate_agent(state, request);
}
Answer carry_out(State& state, const Question&, ReactivateAgent& request) {
  return reactivate_agent(state, request);
}
Answer carry_out(State& state, const Question&, MarkAgentGone& request) {
  return mark_agent_gone(state, request);
}

std::optional<Answer> carry_out(State& state, const Question& question, ReloadModule& request) {
  if (request.kind != ModuleKind<Allocator>::name) {
    return failure("kind: a master replaces its allocator, and nothing else");
  }
  if (request.name.size() > module_name_bytes_max) {
    return failure("name: is longer than " + std::to_string(module_name_bytes_max) + " bytes");
  }
  const Status begun = state.allocation.reload(state, {request.name, question});
  if (!begun) return tl::unexpected(begun.error());
  return std::nullopt;
}

// ---- who may ask
// ---------------------------------------------------------------------------------

using authorization::Action;

// What an asker has to be allowed. There is one overload a message, or it does not compile.
struct Need {
  Action action;
  std::vector<std::string> objects;  // none: of the whole cluster
};

// To whom the parts are reserved.
std::vector<std::string> roles_of(const Resources& resources) {
  std::set<std::string> roles;
  for (const Resource& part : resources.others()) {
    if (part.key.reserved()) roles.emplace(part.key.role());
  }
  return {roles.begin(), roles.end()};
}

Need need_of(const State&, const SetWeights& request) {
  Need need{request.weights.empty() ? Action::view_roles : Action::set_weights, {}};
  for (const RoleWeight& weight : request.weights) need.objects.push_back(weight.role);
  return need;
}
Need need_of(const State&, const SetQuota& request) {
  Need need{request.quotas.empty() ? Action::view_roles : Action::set_quota, {}};
  for (const RoleQuota& quota : request.quotas) need.objects.push_back(quota.role);
  return need;
}
Need need_of(const State&, const ReserveResources& request) {
  return {Action::reserve, roles_of(request.resources)};
}
Need need_of(const State&, const UnreserveResources& request) {
  return {Action::reserve, roles_of(request.resources)};
}
Need need_of(const State&, const CreateVolumes& request) {
  return {Action::create_volume, roles_of(request.volumes)};
}
Need need_of(const State&, const DestroyVolumes& request) {
  return {Action::create_volume, roles_of(request.volumes)};
}
Need need_of(const State& state, const TeardownFramework& request) {
  const Framework* framework = state.frameworks.find(request.framework_id);
  return {Action::teardown, {framework == nullptr ? "" : framework->info.principal}};
}
Need need_of(const State&, const ExplainOffers&) {
  return {Action::view_frameworks, {}};
}
Need need_of(const State&, const DrainAgent& request) {
  return {Action::drain, {request.agent_id.value}};
}
Need need_of(const State&, const DeactivateAgent& request) {
  return {Action::drain, {request.agent_id.value}};
}
Need need_of(const State&, const ReactivateAgent& request) {
  return {Action::drain, {request.agent_id.value}};
}
Need need_of(const State&, const MarkAgentGone& request) {
  return {Action::drain, {request.agent_id.value}};
}
Need need_of(const State&, const ReloadModule& request) {
  return {Action::reload_module, {request.name.empty() ? request.kind : request.name}};
}

// Why the asker may not, or "".
std::string denial_of(State& state, const Peer& peer, const Need& need) {
  if (need.objects.empty()) return refusal(state, peer, need.action, "");
  for (const std::string& object : need.objects) {
    std::string denied = refusal(state, peer, need.action, object);
    if (!denied.empty()) return denied;
  }
  return "";
}

template <class Request>
std::optional<Answer> answer_to(State& state, const Peer& peer, const Question& question,
                                Request& request) {
  std::string denied = denial_of(state, peer, need_of(state, request));
  if (!denied.empty()) return failure(std::move(denied));
  return carry_out(state, question, request);
}

template <class Request>
concept Carried = requires(State& state, const Question& question, Request& request) {
  carry_out(state, question, request);
};

}  // namespace

bool operator_asks(State& state, const Peer& peer, Message& message) {
  return std::visit(
      [&]<class Request>(Request& request) {
        if constexpr (Carried<Request>) {
          const Question question{peer.id, request.request, peer.principal};
          const std::optional<Answer> given = answer_to(state, peer, question, request);
          if (!given) return true;
          const Answer& answer = *given;
          if (!answer) {
            ++state.counters.requests_refused;
            note(state, Severity::warning, "operator_refused",
                 {{"request", std::string(message_name(message))},
                  {"principal", question.principal},
                  {"problem", answer.error().message}});
          }
          answer_question(state, question, answer);
          return true;
        }
        return false;
      },
      static_cast<AnyMessage&>(message));
}

void answer_question(State& state, const Question& question, const Answer& answer) {
  Peer* peer = state.peers.find(question.peer);
  if (peer == nullptr) return;
  OperatorAnswer message;
  message.request = question.request;
  if (answer) {
    message.text = *answer;
  } else {
    message.error = answer.error().message;
  }
  state.peers.send(*peer, std::move(message));
}

}  // namespace mesolite::master
