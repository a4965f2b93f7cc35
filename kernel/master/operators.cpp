#include "kernel/master/operators.hpp"

#include <optional>

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
          const std::optional<Answer> given = carry_out(state, question, request);
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
