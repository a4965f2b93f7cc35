#include "sdk/src/framework/client_authentication.hpp"

#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite {
namespace {

class NoAuthentication final : public ClientAuthentication {
 public:
  Result<Bytes> start() override { return Bytes(); }
  Result<Bytes> answer(const Bytes&) override {
    return failure("the master asks for a proof, but the mechanism is 'none'");
  }
};

// A driver prints nothing, and a client's half has nothing to notify of.
class SilentHost final : public Host {
 public:
  void log(Severity, std::string_view) override {}
  void notify(std::string_view) override {}
};

class ModuleAuthentication final : public ClientAuthentication {
 public:
  ModuleAuthentication(std::unique_ptr<SilentHost> host, std::unique_ptr<Authenticator> module,
                       Credential credential)
      : host_(std::move(host)), module_(std::move(module)), credential_(std::move(credential)) {}

  Result<Bytes> start() override {
    if (session_ > 0) std::ignore = module_->end({session_});
    return token(module_->client_start({++session_, credential_}));
  }
  Result<Bytes> answer(const Bytes& challenge) override {
    return token(module_->client_step({session_, "", challenge}));
  }

 private:
  static Result<Bytes> token(Result<AuthenticationAnswer> answer) {
    if (!answer) return tl::unexpected(answer.error());
    if (answer->state == AuthenticationState::refused) return failure(answer->reason);
    return std::move(answer->data);
  }

  std::unique_ptr<SilentHost> host_;  // outlives the module
  std::unique_ptr<Authenticator> module_;
  Credential credential_;
  std::uint64_t session_ = 0;
};

Result<std::string> read_secret(const std::string& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    return system_failure("cannot read the secret file '" + file + "'", errno);
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return failure("the secret file '" + file + "' is open to others: chmod 600 it");
  }
  std::string secret;
  std::ifstream in(file);
  std::getline(in, secret);
  if (secret.empty()) return failure("the secret file '" + file + "' begins with no secret");
  return secret;
}

}  // namespace

Result<std::unique_ptr<ClientAuthentication>> make_client_authentication(
    const SchedulerOptions& options) {
  if (options.authenticator.empty() || options.authenticator == "none") {
    return std::make_unique<NoAuthentication>();
  }
  Credential credential{options.principal, ""};
  if (!options.secret_file.empty()) {
    auto secret = read_secret(options.secret_file);
    if (!secret) return tl::unexpected(secret.error());
    credential.secret = std::move(*secret);
  }
  const ModulePaths installed = installed_module_paths();
  const auto modules =
      options.modules_dir.empty() ? installed.modules : std::filesystem::path(options.modules_dir);
  const ModuleLoader loader({.program = installed.preflight});
  const auto file = loader.find(modules, "authenticator", options.authenticator);
  if (!file) return tl::unexpected(file.error());
  auto host = std::make_unique<SilentHost>();
  auto module = loader.load<Authenticator>(*file, {}, *host);
  if (!module) return tl::unexpected(module.error());
  return std::make_unique<ModuleAuthentication>(std::move(host), std::move(*module),
                                                std::move(credential));
}

}  // namespace mesolite
