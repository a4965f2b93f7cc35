// One exchange of SCRAM-SHA-256 (RFC 5802, RFC 7677), as libgsasl carries it out. The only file
// that knows that library.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mesolite/credentials/credentials.hpp"

struct Gsasl;
struct Gsasl_session;

namespace mesolite::scram {

// What all exchanges of an authenticator share. Outlives them.
class Context {
 public:
  Context();
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  Gsasl* get() const { return context_; }

 private:
  Gsasl* context_ = nullptr;
};

class Exchange {
 public:
  // The client's half, for a principal that knows a secret.
  static Result<std::unique_ptr<Exchange>> client(const Context& context,
                                                  const std::string& principal,
                                                  const std::string& secret);
  // The server's half.
  static Result<std::unique_ptr<Exchange>> server(const Context& context,
                                                  const SaltedSecret& secret);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  struct Step {
    std::string data;   // for the other half
    bool done = false;  // the other half has proved itself
  };
  // The answer to what the other half said. Fails if that is not what it should have been.
  Result<Step> step(std::string_view data);

  // As whom the client speaks, and as whom it wishes to act; once its first token was taken.
  std::string principal() const;
  std::string acts_as() const;

 private:
  explicit Exchange(Gsasl_session* session) : session_(session) {}

  Gsasl_session* session_;
};

// How many rounds a server's first token asks of its client; 0: it does not say.
std::uint64_t iterations_in(std::string_view server_first);

}  // namespace mesolite::scram
