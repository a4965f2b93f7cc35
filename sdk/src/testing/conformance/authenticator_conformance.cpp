#include <optional>
#include <utility>

#include "mesolite/testing/conformance.hpp"

namespace mesolite::testing {
namespace {

constexpr int steps_max = 8;

using Answer = Result<AuthenticationAnswer>;

bool accepted(const Answer& answer) {
  return answer && answer->state == AuthenticationState::accepted;
}
bool proceeds(const Answer& answer) {
  return answer && answer->state == AuthenticationState::proceed;
}
// A client that has accepted its server may have a last word for it.
bool speaks(const Answer& answer) {
  return proceeds(answer) || accepted(answer);
}

// One exchange, both halves, step by step.
class Exchange {
 public:
  Exchange(Authenticator& server, Authenticator& client, std::uint64_t session)
      : server_(server), client_(client), session_(session) {}

  void start(const Credential& credential) {
    principal_ = credential.principal;
    client_answer_ = client_.client_start({session_, credential});
  }
  bool over() const { return verdict.has_value(); }
  bool client_accepts() const { return accepted(client_answer_); }

  // The client's last token to the server, and the server's answer back.
  void step() {
    if (!speaks(client_answer_)) {
      verdict = Answer(failure("the client gives up"));
      return;
    }
    sent.push_back(client_answer_->data);
    const Answer answer = server_.server_step({session_, principal_, client_answer_->data});
    principal_.clear();
    if (!proceeds(answer)) {
      verdict = answer;
      return;
    }
    client_answer_ = client_.client_step({session_, "", answer->data});
  }

  void run() {
    for (int step_number = 0; step_number < steps_max && !over(); ++step_number) step();
  }

  std::optional<Answer> verdict;
  std::vector<Bytes> sent;

 private:
  Authenticator& server_;
  Authenticator& client_;
  std::uint64_t session_;
  std::string principal_;
  Answer client_answer_ = failure("not started");
};

class Suite {
 public:
  explicit Suite(const AuthenticatorCase& mechanism)
      : mechanism_(mechanism), server_(mechanism.make_server()), client_(mechanism.make_client()) {}

  void good() {
    const Exchange exchange = run(1, mechanism_.good);
    if (!exchange.over() || !accepted(*exchange.verdict)) {
      violations.push_back("a good credential is accepted within 8 steps, but: " + why(exchange));
    } else if ((*exchange.verdict)->principal != mechanism_.good.principal) {
      violations.push_back("who is accepted is who came, but it is '" +
                           (*exchange.verdict)->principal + "'");
    } else if (!exchange.client_accepts()) {
      violations.emplace_back("a client that is let in has accepted the server, but it has not");
    }
    recorded_ = exchange.sent;
  }

  void interleaved() {
    Exchange first(*server_, *client_, 2);
    Exchange second(*server_, *client_, 3);
    first.start(mechanism_.good);
    second.start(mechanism_.good);
    for (int step = 0; step < steps_max; ++step) {
      if (!first.over()) first.step();
      if (!second.over()) second.step();
    }
    for (const Exchange* exchange : {&first, &second}) {
      if (exchange->over() && accepted(*exchange->verdict)) continue;
      violations.push_back("two sessions at once do not disturb each other, but: " +
                           why(*exchange));
    }
  }

  void impostors() {
    never("a wrong secret", run(4, mechanism_.bad));
    never("an unknown principal", run(5, mechanism_.strange));
  }

  // Tokens that nobody's client would send.
  void garbage() {
    std::uint64_t session = 100;
    for (const char* text : {"", "x", "\xc1\xff\xff", "done"}) {
      ++session;
      for (int step = 0; step < 3; ++step) {
        const auto principal = step == 0 ? mechanism_.good.principal : std::string();
        if (accepted(server_->server_step({session, principal, Bytes(text)}))) {
          violations.push_back("garbage is never accepted, but '" + std::string(text) + "' is");
        }
      }
    }
    Bytes large(std::string(100'000, 'x'));
    if (accepted(server_->server_step({++session, mechanism_.good.principal, large}))) {
      violations.push_back("a token of 100,000 bytes is never accepted, but it is");
    }
  }

  void replay() {
    Answer answer = failure("nothing sent");
    for (std::size_t i = 0; i < recorded_.size(); ++i) {
      const auto principal = i == 0 ? mechanism_.good.principal : std::string();
      answer = server_->server_step({200, principal, recorded_[i]});
      if (!proceeds(answer)) break;
    }
    if (accepted(answer)) {
      violations.push_back("a recorded exchange is not accepted again, but it is");
    }
  }

  void ended() {
    if (!server_->end({999}) || !client_->end({999})) {
      violations.push_back("the end of a session that nobody knows is fine, but it fails");
    }
    Exchange exchange(*server_, *client_, 300);
    exchange.start(mechanism_.good);
    exchange.step();
    if (exchange.over()) return;
    if (!server_->end({300})) violations.push_back("a session can be ended, but that fails");
    exchange.run();
    if (exchange.over() && accepted(*exchange.verdict)) {
      violations.push_back("a session that was ended is not gone on with, but it is");
    }
  }

  Violations violations;

 private:
  Exchange run(std::uint64_t session, const Credential& credential) {
    Exchange exchange(*server_, *client_, session);
    exchange.start(credential);
    exchange.run();
    return exchange;
  }

  void never(const std::string& what, const Exchange& exchange) {
    if (exchange.over() && accepted(*exchange.verdict)) {
      violations.push_back(what + " is never accepted, but it is");
    }
  }

  static std::string why(const Exchange& exchange) {
    if (!exchange.over()) return "it does not come to an end";
    const Answer& answer = *exchange.verdict;
    return answer ? "it is " + std::string(to_text(answer->state)) + ", " + answer->reason
                  : answer.error().message;
  }

  const AuthenticatorCase& mechanism_;
  std::unique_ptr<Authenticator> server_;
  std::unique_ptr<Authenticator> client_;
  std::vector<Bytes> recorded_;
};

}  // namespace

Violations authenticator_violations(const AuthenticatorCase& mechanism) {
  Suite suite(mechanism);
  suite.good();
  suite.interleaved();
  suite.ended();
  if (!mechanism.bad.principal.empty()) {
    suite.impostors();
    suite.garbage();
    suite.replay();
  }
  return suite.violations;
}

}  // namespace mesolite::testing
