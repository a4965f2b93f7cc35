#include "kernel/master/explain.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "kernel/master/state.hpp"

namespace mesolite::master {

namespace {

// By its id, or by its name if no other has that.
Result<const Framework*> find_framework(const State& state, const std::string& text) {
  if (const Framework* framework = state.frameworks.find(FrameworkId(text))) return framework;
  if (text.empty()) return failure("framework: nothing is said of which");
  const Framework* named = nullptr;
  std::size_t count = 0;
  state.frameworks.for_each([&](const Framework& framework) {
    if (framework.info.name != text) return;
    named = &framework;
    ++count;
  });
  if (count == 1) return named;
  return failure("framework: '" + text + "' " +
                 (count == 0 ? "names no framework" : "is the name of several; say the id"));
}

std::size_t connected_agents(const State& state) {
  std::size_t count = 0;
  state.agents.for_each([&](const Agent& agent) { count += agent.connected() ? 1 : 0; });
  return count;
}

// "      412 filtered by the framework until …"
std::string line(std::uint64_t agents, const std::string& text) {
  constexpr std::size_t width = 9;
  std::string number = std::to_string(agents);
  number.insert(0, number.size() < width ? width - number.size() : 0, ' ');
  return "\n" + number + " " + text;
}

std::string about(const State& state, const Framework& framework) {
  return "framework " + framework.info.id.value + " (" + framework.info.name +
         "): " + (framework.connected() ? "connected" : "not connected") + ", " +
         std::to_string(framework.offers.size()) + " offers not answered yet, " +
         std::to_string(framework.tasks.size()) +
         " tasks; agents: " + std::to_string(state.agents.size()) + ", of which " +
         std::to_string(connected_agents(state)) + " are connected";
}

// What can be said without the allocator.
std::string of_our_own(const State& state, const Framework& framework, const std::string& problem) {
  std::string text;
  for (const RoleHandle role : framework.roles) {
    const auto& quiet = framework.suppressed_roles;
    const bool suppressed = std::find(quiet.begin(), quiet.end(), role) != quiet.end();
    text += "\nrole " + state.roles[role].name + ": " +
            (suppressed ? "suppressed by the framework" : "offers are wanted");
  }
  return text + "\nthe allocator does not say more: " + problem;
}

std::string of_role(const State& state, const RoleExplanation& role) {
  std::string text =
      "\nrole " + state.roles[role.role].name + ", agents by why they are not offered:";
  std::uint64_t told = 0;
  for (const ExplainReason& reason : role.reasons) {
    text += line(reason.agents, reason.text);
    told += reason.agents;
  }
  if (told < state.agents.size()) {
    text += line(state.agents.size() - told, "of which the allocator says nothing");
  }
  return text;
}

bool is_role(const State& state, RoleHandle role) {
  return role.value >= 1 && role.value <= state.roles.size();
}

}  // namespace

Status Explanations::ask(State& state, const Question& question, const ExplainOffers& request) {
  const auto framework = find_framework(state, request.framework);
  if (!framework) return tl::unexpected(framework.error());
  if (const std::string problem = request.wants.invalid(); !problem.empty()) {
    return failure("wants: " + problem);
  }
  ExplainRequest asked;
  asked.now = state.now;
  asked.framework = (*framework)->handle;
  asked.wants = request.wants;
  asked.roles = (*framework)->roles;
  if (!request.role.empty()) {
    const RoleHandle role = state.roles.find(request.role);
    const auto& roles = (*framework)->roles;
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
      return failure("role: the framework is not in '" + request.role + "'");
    }
    asked.roles = {role};
  }
  if (waiting_.size() >= explanations_waiting_max) {
    return failure("the allocator has not answered " + std::to_string(waiting_.size()) +
                   " earlier questions");
  }
  waiting_.emplace(++last_, Waiting{question, asked.framework, request.wants});
  state.outbox->emplace_back(Explain{last_, std::move(asked)});
  return {};
}

void Explanations::answered(State& state, const Explained& answer) {
  const auto place = waiting_.find(answer.number);
  if (place == waiting_.end()) return;  // an answer that nobody asked for
  const Waiting asked = std::move(place->second);
  waiting_.erase(place);
  const Framework* framework = state.frameworks.find(asked.framework);
  if (framework == nullptr) {
    return answer_question(state, asked.question, failure("framework: it has ended meanwhile"));
  }
  std::string text = about(state, *framework);
  if (!asked.wants.empty()) text += "\nwanted of one agent: " + asked.wants.to_text();
  if (!answer.answer) {
    text += of_our_own(state, *framework, answer.answer.error().message);
  } else if (answer.answer->roles.empty()) {
    text += of_our_own(state, *framework, "it knows of no role of the framework");
  } else {
    for (const RoleExplanation& role : answer.answer->roles) {
      if (is_role(state, role.role)) text += of_role(state, role);
    }
  }
  answer_question(state, asked.question, text);
}

}  // namespace mesolite::master
