// `mesolite keygen | trust`: keys of the bus, and whom they make trusted.
#include <iostream>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/start_up.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "sdk/net/curve.hpp"

namespace mesolite::daemon {
namespace {

Result<std::vector<net::TrustedKey>> trusted_in(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::vector<net::TrustedKey>();
  return net::read_trusted(file);
}

Status trust(const TrustOptions& options) {
  auto trusted = trusted_in(options.file);
  if (!trusted) return tl::unexpected(trusted.error());
  std::erase_if(*trusted, [&](const auto& key) { return key.public_key == options.key; });
  trusted->push_back({options.key, options.principal, options.servers});
  const std::string text = net::to_text(*trusted);
  if (auto readable = net::parse_trusted(text); !readable) {
    return failure("'" + options.key + "' is no public key as 'mesolite keygen' prints it, or '" +
                   options.principal + "' no name of a principal");
  }
  return write_secret_file(options.file, text);
}

}  // namespace

int keygen_command(const KeygenOptions& options) {
  constexpr std::string_view program = "mesolite keygen";
  if (std::filesystem::exists(options.file)) {
    return fail(program, Error{"'" + options.file.string() + "' exists: a key is not replaced"});
  }
  const auto key = net::make_curve_key();
  if (!key) return fail(program, key.error());
  const Status written = write_secret_file(options.file, net::to_text(*key));
  if (!written) return fail(program, written.error());
  std::cout << key->public_key << std::endl;
  return 0;
}

int trust_command(const TrustOptions& options) {
  const Status trusted = trust(options);
  return trusted ? 0 : fail("mesolite trust", trusted.error());
}

}  // namespace mesolite::daemon
