// ClientAuthentication: the client's half of an authenticator, as the drivers use it. One exchange
// at a time; a new one begins with each connection.
#pragma once

#include <memory>
#include <string>

#include "mesolite/base/bytes.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/framework/driver.hpp"

namespace mesolite {

class ClientAuthentication {
 public:
  virtual ~ClientAuthentication() = default;

  // The first token, for Hello.
  virtual Result<Bytes> start() = 0;
  // The answer to the server's challenge. Fails when the server is not to be trusted.
  virtual Result<Bytes> answer(const Bytes& challenge) = 0;
};

// "none" needs no module; any other mechanism is loaded from `options.modules_dir`, which blocks
// for some milliseconds. Fails on a secret file that cannot be read or is open to others, and with
// the loader's sentence.
Result<std::unique_ptr<ClientAuthentication>> make_client_authentication(
    const SchedulerOptions& options);

}  // namespace mesolite
