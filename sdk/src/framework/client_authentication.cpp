#include "sdk/src/framework/client_authentication.hpp"

#include <cstdlib>
#include <utility>

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite {
namespace {

class NoAuthentication final : public ClientAuthentication {
 public:
  Result<Bytes> start() override { return Bytes(); }
  Result<Bytes> answer(const Bytes&) override {
    return failure("the server asks for a proof, but the mechanism is 'none'");
  }
  Status check_server() const override { return {}; }
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
                       AuthenticationStart begin)
      : host_(std::move(host)), module_(std::move(module)), start_(std::move(begin)) {}

  Result<Bytes> start() override {
    if (start_.session > 0) std::ignore = module_->end({start_.session});
    ++start_.session;
    return token(module_->client_start(start_));
  }
  Result<Bytes> answer(const Bytes& challenge) override {
    return token(module_->client_step({start_.session, "", challenge, ""}));
  }
  Status check_server() const override {
    return server_proved_ ? Status() : failure("the server has not proved who it is");
  }

 private:
  Result<Bytes> token(Result<AuthenticationAnswer> answer) {
    server_proved_ = answer && answer->state == AuthenticationState::accepted;
    if (!answer) return tl::unexpected(answer.error());
    if (answer->state == AuthenticationState::refused) return failure(answer->reason);
    return std::move(answer->data);
  }

  std::unique_ptr<SilentHost> host_;  // outlives the module
  std::unique_ptr<Authenticator> module_;
  AuthenticationStart start_;
  bool server_proved_ = false;
};

// Its first line.
Result<std::string> read_secret(const std::string& file) {
  const auto text = read_secret_file("the secret file", file);
  if (!text) return tl::unexpected(text.error());
  const std::string_view line = split(*text, '\n').front();
  if (line.empty()) return failure("the secret file '" + file + "' begins with no secret");
  return std::string(line);
}

std::string given_or_environment(const std::string& given, const char* name) {
  if (!given.empty()) return given;
  const char* value = std::getenv(name);  // NOLINT: read before there are threads
  return value == nullptr ? "" : value;
}

}  // namespace

Result<net::Curve> client_keys(const SchedulerOptions& options) {
  return net::read_curve(given_or_environment(options.bus_key, "MESOLITE_BUS_KEY"),
                         given_or_environment(options.bus_trust, "MESOLITE_BUS_TRUST"));
}

Result<std::unique_ptr<ClientAuthentication>> make_client_authentication(
    const SchedulerOptions& options) {
  if (options.authenticator.empty() || options.authenticator == "none") {
    return std::make_unique<NoAuthentication>();
  }
  const auto keys = client_keys(options);
  if (!keys) return tl::unexpected(keys.error());
  AuthenticationStart start;
  start.server_proved = *keys != nullptr;
  Credential& credential = start.credential;
  credential.principal = options.principal;
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
                                                std::move(start));
}

}  // namespace mesolite
