// `mesolite weights | quota | teardown | explain`: what operators settle for roles and frameworks,
// and why these are offered nothing.
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/runtime/master_configuration.hpp"

namespace mesolite::daemon {

int weights_command(const WeightsOptions& options) {
  const auto weights = runtime::parse_weights(options.weights);
  if (!weights) return fail("mesolite weights", weights.error());
  SetWeights request;
  for (const auto& [role, weight] : *weights) request.weights.push_back({role, weight});
  return ask_master(options, "mesolite weights", std::move(request));
}

int quota_command(const QuotaOptions& options) {
  constexpr std::string_view program = "mesolite quota";
  SetQuota request;
  request.force = options.force;
  if (!options.role.empty()) {
    RoleQuota& quota = request.quotas.emplace_back();
    quota.role = options.role;
    auto guarantee = Resources::parse(options.guarantee);
    if (!guarantee) return fail(program, Error{"--guarantee: " + guarantee.error().message});
    quota.guarantee = std::move(*guarantee);
    auto limit = Resources::parse(options.limit);
    if (!limit) return fail(program, Error{"--limit: " + limit.error().message});
    if (!limit->empty()) quota.limit = std::move(*limit);
  }
  return ask_master(options, program, std::move(request));
}

int teardown_command(const TeardownOptions& options) {
  TeardownFramework request;
  request.framework_id = FrameworkId(options.framework);
  return ask_master(options, "mesolite teardown", std::move(request));
}

int explain_command(const ExplainOptions& options) {
  constexpr std::string_view program = "mesolite explain";
  auto wants = Resources::parse(options.wants);
  if (!wants) return fail(program, Error{"--wants: " + wants.error().message});
  ExplainOffers request;
  request.framework = options.framework;
  request.role = options.role;
  request.wants = std::move(*wants);
  return ask_master(options, program, std::move(request));
}

}  // namespace mesolite::daemon
