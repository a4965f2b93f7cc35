// The commands of `mesolite`: what each is told, and the function that carries it out and answers
// with the exit status.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernel/daemon/operator_client.hpp"

namespace mesolite::daemon {

struct LocalOptions {
  int agents = 1;
  std::uint16_t port = 5050;
  std::string resources;           // of each agent; empty: the machine's, shared out
  std::filesystem::path work_dir;  // empty: a temporary one
};
int local_command(const LocalOptions& options);

struct RunOptions {
  std::string master;
  double cpus = 1;
  double mem = 128;  // MB
  double disk = 0;   // MB
  std::string name;  // empty: the command's
  std::string role = "*";
  std::string authenticator = "none";
  std::string principal;
  std::string secret_file;
  std::string bus_key;
  std::string bus_trust;
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<std::string> command;      // not empty
};
int run_command(const RunOptions& options);

// ---- who may come in
// -----------------------------------------------------------------------------

struct CredentialsOptions {
  std::filesystem::path file;
  std::string principal;              // not of list
  std::filesystem::path secret_file;  // add: its first line; empty: a new secret, printed
};
int add_credential_command(const CredentialsOptions& options);
int add_token_command(const CredentialsOptions& options);
int list_credentials_command(const CredentialsOptions& options);
int remove_credential_command(const CredentialsOptions& options);

struct KeygenOptions {
  std::filesystem::path file;  // that there is not yet
};
int keygen_command(const KeygenOptions& options);

struct TrustOptions {
  std::filesystem::path file;
  std::string principal;
  std::string key;
  std::vector<std::string> servers;  // "host", "host:port" or "*"
};
int trust_command(const TrustOptions& options);

enum class Listed { agents, frameworks, tasks };
struct ListOptions {
  std::string master;
  std::string principal;    // "" and no token: nobody in particular
  std::string secret_file;  // of the principal
  std::string token_file;   // of a bearer token
  bool json = false;
  bool all = false;  // completed ones too
};
int list_command(Listed what, const ListOptions& options);

// A registry is named by the work directory of its master, or by zk://… of several masters.
struct RegistryOptions {
  std::string place;
};
int show_registry_command(const RegistryOptions& options);
int check_registry_command(const RegistryOptions& options);

struct CopyRegistryOptions {
  std::string from;
  std::string to;  // holds nothing yet
};
int copy_registry_command(const CopyRegistryOptions& options);

struct ModulesOptions {
  std::filesystem::path directory;  // empty: the installed one
};
int modules_command(const ModulesOptions& options);

// ---- what operators ask of the master
// ------------------------------------------------------------

struct WeightsOptions : OperatorOptions {
  std::vector<std::string> weights;  // "role=2"; none: show them
};
int weights_command(const WeightsOptions& options);

struct QuotaOptions : OperatorOptions {
  std::string role;  // empty: show all quotas
  std::string guarantee;
  std::string limit;
  bool force = false;
};
int quota_command(const QuotaOptions& options);

struct TeardownOptions : OperatorOptions {
  std::string framework;
};
int teardown_command(const TeardownOptions& options);

struct ExplainOptions : OperatorOptions {
  std::string framework;  // its id or name
  std::string role;       // empty: all that it is in
  std::string wants;      // "cpus:2;mem:4096"; empty: anything
};
int explain_command(const ExplainOptions& options);

struct ReloadOptions : OperatorOptions {
  std::string kind;
  std::string name;  // empty: that of the one that serves
};
int reload_command(const ReloadOptions& options);

struct ReservationOptions : OperatorOptions {
  std::string agent;
  std::string resources;  // "cpus:2;mem:512"; "cpus(role):2" is what the agent came with
  std::string role;       // of the dynamic reservation on top; empty: none
  std::optional<std::string> reserved_by;  // its principal; not given: the asking one
  std::vector<std::string> labels;         // of it, "key=value"
};
int reserve_command(const ReservationOptions& options);
int unreserve_command(const ReservationOptions& options);

struct VolumeOptions : ReservationOptions {
  std::string id;
  std::string container_path;
};
int create_volumes_command(const VolumeOptions& options);
int destroy_volumes_command(const VolumeOptions& options);

struct DoctorOptions {
  std::filesystem::path directory;     // of modules; empty: the installed one
  std::filesystem::path work_dir;      // where an agent would keep its sandboxes
  std::filesystem::path cgroup_mount;  // empty: /sys/fs/cgroup
};
int doctor_command(const DoctorOptions& options);

struct AgentOptions : OperatorOptions {
  std::string agent;
};
struct DrainOptions : AgentOptions {
  std::string deadline;  // a duration; empty: none
  bool mark_gone = false;
};
int drain_command(const DrainOptions& options);
int deactivate_command(const AgentOptions& options);
int reactivate_command(const AgentOptions& options);
int gone_command(const AgentOptions& options);

}  // namespace mesolite::daemon
