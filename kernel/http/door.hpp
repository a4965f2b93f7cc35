// The door of the HTTP side: who comes, and whether he may have what he asks for. It stands before
// every handler, so that a stranger costs no more than a look at his request.
//
// Who somebody is, he shows with each request: Basic with the secret of his principal, or a bearer
// token. There are no cookies, and so nothing that another site could use.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kernel/authorization/acls.hpp"
#include "kernel/http/router.hpp"
#include "mesolite/credentials/credentials.hpp"

namespace mesolite::http {

struct Door {
  // Null: nobody has to say who he is, and nobody is anybody.
  std::shared_ptr<CredentialsFile> credentials;
  authorization::Acls acls = authorization::Acls::allow_all();
  // Every decision that the audit log keeps. [any thread]
  std::function<void(const authorization::Decision&)> record = [](const auto&) {};
};

// Lets a server speak for a router, to those whom the door lets in; `next` comes between, if given.
using Between = std::function<void(const Request&, std::function<void()> go_on)>;
Handler handler_of(Router router, Door door = {}, Between next = {});

// Who asks. Fails with a sentence for him that says nothing of what is known.
Result<std::string> principal_of(const Request& request, CredentialsFile& credentials);

}  // namespace mesolite::http
