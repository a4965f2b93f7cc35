#include "kernel/runtime/agent_configuration.hpp"

#include <sstream>

#include "kernel/runtime/acl_file.hpp"
#include "kernel/runtime/machine_facts.hpp"
#include "kernel/runtime/master_configuration.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"
#include "mesolite/protocol/version.hpp"

namespace mesolite::runtime {
namespace {

// What a task finds itself with unless its command says otherwise: never the agent's own.
constexpr const char* task_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

Status fill_in(AgentInfo& info, const config::AgentOptions& options,
               const std::filesystem::path& work_dir) {
  info.ip = advertised_ip(options.ip, options.advertise_ip);
  info.hostname = advertised_hostname(options.hostname, info.ip);
  info.version = version;
  auto resources =
      agent_resources(options.resources, options.default_role, measured_resources(work_dir));
  if (!resources) return failure("--resources", resources.error());
  info.resources = std::move(*resources);
  auto attributes = parse_attributes(options.attributes);
  if (!attributes) return failure("--attributes", attributes.error());
  info.attributes = std::move(*attributes);
  return {};
}

}  // namespace

Result<agent::Configuration> agent_configuration(const config::AgentOptions& options,
                                                 const std::vector<config::Setting>& settings,
                                                 const std::filesystem::path& work_dir) {
  agent::Configuration configuration;
  if (auto filled = fill_in(configuration.info, options, work_dir); !filled) {
    return tl::unexpected(filled.error());
  }
  const auto credential = read_credential(options.credential);
  if (!credential) return failure("--credential", credential.error());
  configuration.principal = credential->principal;
  configuration.mechanism = options.authenticatee;
  configuration.reader_mechanism = options.authenticators;
  auto acls = acls_of(options.acls, options.ip, options.permissive);
  if (!acls) return tl::unexpected(acls.error());
  configuration.acls = std::move(*acls);
  configuration.seed = seed_or_random(options.seed);
  configuration.incarnation = seed_or_random(0);
  configuration.work_dir = work_dir.string();
  configuration.executor_environment = {{"PATH", task_path}};
  configuration.flags = shown_flags(settings);
  configuration.registration_backoff_factor = options.registration_backoff_factor;
  configuration.executor_registration_timeout = options.executor_registration_timeout;
  configuration.executor_shutdown_grace_period = options.executor_shutdown_grace_period;
  configuration.recovery_timeout = options.recovery_timeout;
  configuration.tasks_max = static_cast<std::size_t>(options.tasks_max);
  configuration.executors_max = static_cast<std::size_t>(options.executors_max);
  return configuration;
}

Result<Credential> read_credential(const std::filesystem::path& file) {
  Credential credential;
  if (file.empty()) return credential;
  const auto text = read_secret_file("credential file", file);
  if (!text) return tl::unexpected(text.error());
  for (const std::string_view line : split(*text, '\n')) {
    if (trim(line).empty() || trim(line).front() == '#') continue;
    std::istringstream words{std::string(line)};
    std::string more;
    if (words >> credential.principal >> credential.secret && !(words >> more)) return credential;
    break;
  }
  // Says nothing of what it found: it may be a secret.
  return failure("'" + file.string() + "' holds no line of a principal and a secret");
}

}  // namespace mesolite::runtime
