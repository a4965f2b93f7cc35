#include "kernel/master/reservations.hpp"

#include <set>

#include "kernel/master/state.hpp"
#include "mesolite/base/reservations.hpp"

namespace mesolite::master {

namespace {

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

// ---- what an operation may say
// -------------------------------------------------------------------

// The first part of which `problem_of` has something to say, named; "" if there is none.
template <class ProblemOf>
std::string problem_of_parts(const Resources& resources, ProblemOf&& problem_of) {
  for (const Resource& part : resources.others()) {
    const std::string problem = problem_of(part);
    if (!problem.empty()) return part.key.name + ": " + problem;
  }
  return "";
}

std::string foreign_role(const ResourceKey& key, const Claim& claim) {
  if (claim.role.empty() || key.role() == claim.role) return "";
  return "is reserved to the role " + quoted(key.role()) + ", but the offers are to " +
         quoted(claim.role);
}

std::string foreign_principal(std::string_view field, std::string_view principal,
                              const Claim& claim) {
  if (principal == claim.principal) return "";
  return std::string(field) + "principal: is " + quoted(principal) + ", but who asks is " +
         quoted(claim.principal);
}

std::string invalid_reserve(const Resource& part, const Claim& claim) {
  const ResourceKey& key = part.key;
  if (!key.reserved()) return "has no reservation";
  if (key.volume) return "holds the volume " + quoted(key.volume->id);
  if (key.revocable) return "is revocable and cannot be reserved";
  if (key.shared) return "is shared and cannot be reserved";
  if (!key.reservations.back().dynamic) return "a reservation at run time is a dynamic one";
  const std::string foreign = foreign_role(key, claim);
  if (!foreign.empty()) return foreign;
  return foreign_principal("reservation: ", key.reservations.back().principal, claim);
}

std::string invalid_unreserve(const Resource& part, const Claim& claim) {
  const ResourceKey& key = part.key;
  if (!key.reserved()) return "is not reserved";
  if (!key.reservations.back().dynamic) return "came reserved with the agent";
  if (key.volume) return "holds the volume " + quoted(key.volume->id) + "; destroy that first";
  return foreign_role(key, claim);
}

std::string invalid_create(const Resource& part, const Claim& claim) {
  const ResourceKey& key = part.key;
  if (!key.volume) return "names no volume";
  if (key.revocable || key.shared) return "is revocable or shared and cannot hold a volume";
  if (key.volume->container_path.empty()) return "volume: container_path: is empty";
  if (("/" + key.volume->container_path + "/").find("/../") != std::string::npos) {
    return "volume: container_path: " + quoted(key.volume->container_path) + " has a '..'";
  }
  return foreign_principal("volume: ", key.volume->principal, claim);
}

// An id names one volume of a role on an agent, since it becomes the name of a directory there.
std::string volume_taken(const Resources& volumes, const Agent& agent) {
  std::set<std::pair<std::string_view, std::string_view>> taken;
  for (const Resource& part : agent.info.resources.others()) {
    if (part.key.volume) taken.insert({part.key.role(), part.key.volume->id});
  }
  return problem_of_parts(volumes, [&](const Resource& part) -> std::string {
    if (taken.insert({part.key.role(), part.key.volume->id}).second) return "";
    return "the role " + quoted(part.key.role()) + " has a volume " + quoted(part.key.volume->id) +
           " there already";
  });
}

Resources plain_part(const Resources& resources) {
  return Resources(resources.plain());
}

std::string problem_of(OperationKind kind, const Resources& resources, const Agent& agent,
                       const Claim& claim) {
  if (resources.empty()) return "are none";
  std::string problem = resources.invalid();
  if (!problem.empty()) return problem;
  switch (kind) {
    case OperationKind::reserve:
    case OperationKind::unreserve:
      if (!plain_part(resources).empty()) {
        return plain_part(resources).to_text() + " is not reserved";
      }
      return problem_of_parts(resources, [&](const Resource& part) {
        const bool makes = kind == OperationKind::reserve;
        return makes ? invalid_reserve(part, claim) : invalid_unreserve(part, claim);
      });
    case OperationKind::create:
      if (!plain_part(resources).empty()) {
        return plain_part(resources).to_text() + " names no volume";
      }
      problem = problem_of_parts(resources,
                                 [&](const Resource& part) { return invalid_create(part, claim); });
      return problem.empty() ? volume_taken(resources, agent) : problem;
    default:
      return "";  // what is no volume, without_volumes() says
  }
}

}  // namespace

Result<Conversion> conversion_of(OperationKind kind, const Resources& resources, const Agent& agent,
                                 const Claim& claim) {
  const std::string problem = problem_of(kind, resources, agent, claim);
  if (!problem.empty()) return failure(problem);
  const bool of_volumes = kind == OperationKind::create || kind == OperationKind::destroy;
  auto below = of_volumes ? without_volumes(resources) : without_reservation(resources);
  if (!below) return tl::unexpected(below.error());
  const bool makes = kind == OperationKind::create || kind == OperationKind::reserve;
  if (makes) return Conversion{std::move(*below), resources};
  return Conversion{resources, std::move(*below)};
}

void convert(State& state, Agent& agent, const Conversion& conversion) {
  agent.info.resources -= conversion.before;
  agent.info.resources += conversion.after;
  persist_agent(state, agent);
  state.allocation.agent_changed(agent);
  tell_what_was_made(state, agent);
  note(state, Severity::info, "resources_converted",
       {{"agent", agent.info.id.value},
        {"from", conversion.before.to_text()},
        {"to", conversion.after.to_text()}});
}

void tell_what_was_made(State& state, const Agent& agent) {
  Peer* peer = state.peers.find(agent.peer);
  if (peer == nullptr) return;
  // The whole of it, and so only the newest counts.
  const auto fits = [](const CheckpointResources&) { return true; };
  state.peers.gather<CheckpointResources>(*peer, fits).resources =
      made_at_run_time(agent.info.resources);
}

bool keep_what_was_made(const Agent& agent, Resources& reported) {
  auto kept = with_made(as_started(reported), made_at_run_time(agent.info.resources));
  if (!kept) return false;
  reported = std::move(*kept);
  return true;
}

// ---- what operators ask
// --------------------------------------------------------------------------

namespace {

// Frees `wanted` on the agent, by taking back offers where it is not free.
std::string make_free(State& state, Agent& agent, const Resources& wanted) {
  Resources within_reach = free_resources(agent);
  within_reach += agent.offered;
  if (!within_reach.contains(wanted)) {
    return "takes " + wanted.to_text() + ", but of agent " + agent.info.id.value + " only " +
           (within_reach.empty() ? "nothing" : within_reach.to_text()) + " is not in use";
  }
  while (!free_resources(agent).contains(wanted)) {
    rescind_offer(state, *agent.offers.front(), "an operator needs the resources");
  }
  return "";
}

Answer operate(State& state, const Question& question, OperationKind kind, const AgentId& id,
               const Resources& resources) {
  Agent* agent = state.agents.find(id);
  if (agent == nullptr) return failure("agent_id: '" + id.value + "' names no agent");
  if (!agent->connected()) return failure("agent_id: '" + id.value + "' is not connected");
  const bool of_volumes = kind == OperationKind::create || kind == OperationKind::destroy;
  const std::string_view field = of_volumes ? "volumes" : "resources";
  const auto conversion = conversion_of(kind, resources, *agent, {question.principal, ""});
  if (!conversion) return failure(field, conversion.error());
  const std::string problem = make_free(state, *agent, conversion->before);
  if (!problem.empty()) return failure(std::string(field) + ": " + problem);
  convert(state, *agent, *conversion);
  return "agent " + id.value + " has " + agent->info.resources.to_text();
}

}  // namespace

Answer reserve(State& state, const Question& question, const ReserveResources& request) {
  return operate(state, question, OperationKind::reserve, request.agent_id, request.resources);
}

Answer unreserve(State& state, const Question& question, const UnreserveResources& request) {
  return operate(state, question, OperationKind::unreserve, request.agent_id, request.resources);
}

Answer create_volumes(State& state, const Question& question, const CreateVolumes& request) {
  return operate(state, question, OperationKind::create, request.agent_id, request.volumes);
}

Answer destroy_volumes(State& state, const Question& question, const DestroyVolumes& request) {
  return operate(state, question, OperationKind::destroy, request.agent_id, request.volumes);
}

}  // namespace mesolite::master
