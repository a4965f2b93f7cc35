// `mesolite reserve | unreserve | create-volumes | destroy-volumes`: what operators make of an
// agent's resources.
#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "mesolite/base/reservations.hpp"

namespace mesolite::daemon {
namespace {

Result<std::map<std::string, std::string>> parse_labels(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> labels;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return failure("--label: expected key=value, got '" + text + "'");
    }
    labels[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return labels;
}

// As they stand on the agent when they are reserved: what the text says, with the dynamic
// reservation that the options name on top.
Result<Resources> reserved_resources(const ReservationOptions& options) {
  auto resources = Resources::parse(options.resources);
  if (!resources) return failure("resources", resources.error());
  if (options.role.empty()) return resources;
  auto labels = parse_labels(options.labels);
  if (!labels) return tl::unexpected(labels.error());
  const std::string& owner = options.reserved_by ? *options.reserved_by : options.principal;
  return with_reservation(*resources, {options.role, true, owner, std::move(*labels)});
}

Result<Resources> volume_resources(const VolumeOptions& options) {
  const auto disk = reserved_resources(options);
  if (!disk) return disk;
  if (disk->others().size() != 1 || disk->plain() != Scalars{}) {
    return failure(
        "resources: a volume lies on reserved disk, 'disk:100' with --role or "
        "'disk(role):100', not on '" +
        disk->to_text() + "'");
  }
  Resource part = disk->others().front();
  part.key.volume = Volume{options.id, options.container_path, options.principal};
  Resources volume;
  volume.add(std::move(part));
  return volume;
}

// Asks for `Request`, whose list of resources is `member`.
template <class Request, class Options>
int ask(const Options& options, std::string_view program, Resources Request::*member,
        const Result<Resources>& resources) {
  if (!resources) return fail(program, resources.error());
  Request request;
  request.agent_id = AgentId(options.agent);
  request.*member = *resources;
  return ask_master(options, program, std::move(request));
}

}  // namespace

int reserve_command(const ReservationOptions& options) {
  return ask(options, "mesolite reserve", &ReserveResources::resources,
             reserved_resources(options));
}

int unreserve_command(const ReservationOptions& options) {
  return ask(options, "mesolite unreserve", &UnreserveResources::resources,
             reserved_resources(options));
}

int create_volumes_command(const VolumeOptions& options) {
  return ask(options, "mesolite create-volumes", &CreateVolumes::volumes,
             volume_resources(options));
}

int destroy_volumes_command(const VolumeOptions& options) {
  return ask(options, "mesolite destroy-volumes", &DestroyVolumes::volumes,
             volume_resources(options));
}

}  // namespace mesolite::daemon
