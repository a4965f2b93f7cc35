// ClientAuthentication: the client's half of an authenticator, as the drivers use it. One exchange
// at a time; a new one begins with each connection.
#pragma once

#include <memory>
#include <string>

#include "mesolite/base/bytes.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/framework/driver.hpp"
#include "sdk/net/curve.hpp"

namespace mesolite {

class ClientAuthentication {
 public:
  virtual ~ClientAuthentication() = default;

  // The first token, for Hello.
  virtual Result<Bytes> start() = 0;
  // The answer to the server's challenge. Fails when the server is not to be trusted.
  virtual Result<Bytes> answer(const Bytes& challenge) = 0;
  // Fails unless the server has proved who it is, as the mechanism demands; asked at its Welcome.
  virtual Status check_server() const = 0;
};

// The keys of the bus that the options or the environment name; null for none.
Result<net::Curve> client_keys(const SchedulerOptions& options);

// "none" needs no module; any other mechanism is loaded from `options.modules_dir`, which blocks
// for some milliseconds. Fails on a secret file that cannot be read or is open to others, and with
// the loader's sentence.
Result<std::unique_ptr<ClientAuthentication>> make_client_authentication(
    const SchedulerOptions& options);

}  // namespace mesolite
