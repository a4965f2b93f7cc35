// Conformance suites: what every module of a kind must do, whatever its policy. An author runs the
// suite of his kind from his own tests; each answers with one sentence for each rule that is
// broken:
//
//   EXPECT_THAT(allocator_violations(make_my_allocator), IsEmpty());
//
// They run against any instance: a class linked straight in, local_module(), or a loaded library.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/authenticator.hpp"
#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::testing {

using Violations = std::vector<std::string>;

template <class Kind>
using Maker = std::function<std::unique_ptr<Kind>()>;  // a fresh instance; never null

// Random clusters under random changes: nothing is given away twice, to those who do not want it or
// may not have it, or of agents that are not there; what is declined stays away until its time and
// comes back then; what is free is offered at once; limits of quota are never exceeded, and what is
// guaranteed is kept free; equal calls give equal answers.
Violations allocator_violations(const Maker<Allocator>& make);

// Calls in and out of order: cleanup and recover are harmless for containers that nobody knows,
// prepare is repeatable, a fresh container has met no limit, statistics are sane.
Violations isolator_violations(const Maker<Isolator>& make);

// What a mechanism is tried with. `good` is known to the server; `bad` and `strange` are not: a
// wrong secret of a known principal, and an unknown principal. A mechanism that asks for no proof
// leaves them empty.
struct AuthenticatorCase {
  Maker<Authenticator> make_server;
  Maker<Authenticator> make_client;
  Credential good;
  Credential bad;
  Credential strange;
};

// Good credentials are accepted, as their principal, in few steps; bad ones, garbage and recorded
// exchanges never are; sessions do not disturb each other.
Violations authenticator_violations(const AuthenticatorCase& mechanism);

// A host that keeps what modules log and notify; for tests of a module.
class RecordingHost final : public Host {
 public:
  void log(Severity, std::string_view text) override { lines.emplace_back(text); }
  void notify(std::string_view data) override { notices.emplace_back(data); }

  std::vector<std::string> lines;
  std::vector<std::string> notices;
};

}  // namespace mesolite::testing
