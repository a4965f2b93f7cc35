#include "exchange.hpp"

#include <gsasl.h>

#include <charconv>

#include "mesolite/base/check.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::scram {
namespace {

constexpr const char* mechanism = "SCRAM-SHA-256";

tl::unexpected<Error> gsasl_failure(int status) {
  return failure(std::string("SCRAM: ") + ::gsasl_strerror(status));
}

Status set(Gsasl_session* session, Gsasl_property property, const std::string& value) {
  const int status = ::gsasl_property_set(session, property, value.c_str());
  return status == GSASL_OK ? Status() : gsasl_failure(status);
}

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

}  // namespace

Context::Context() {
  const int status = ::gsasl_init(&context_);
  MESOLITE_CHECK(status == GSASL_OK, "libgsasl can be used");
}

Context::~Context() {
  ::gsasl_done(context_);
}

Result<std::unique_ptr<Exchange>> Exchange::client(const Context& context,
                                                   const std::string& principal,
                                                   const std::string& secret) {
  Gsasl_session* session = nullptr;
  const int status = ::gsasl_client_start(context.get(), mechanism, &session);
  if (status != GSASL_OK) return gsasl_failure(status);
  std::unique_ptr<Exchange> exchange(new Exchange(session));
  if (auto known = set(session, GSASL_AUTHID, principal); !known) {
    return tl::unexpected(known.error());
  }
  if (auto known = set(session, GSASL_PASSWORD, secret); !known) {
    return tl::unexpected(known.error());
  }
  return exchange;
}

Result<std::unique_ptr<Exchange>> Exchange::server(const Context& context,
                                                   const SaltedSecret& secret) {
  Gsasl_session* session = nullptr;
  const int status = ::gsasl_server_start(context.get(), mechanism, &session);
  if (status != GSASL_OK) return gsasl_failure(status);
  std::unique_ptr<Exchange> exchange(new Exchange(session));
  const std::pair<Gsasl_property, std::string> properties[] = {
      {GSASL_SCRAM_ITER, std::to_string(secret.iterations)},
      {GSASL_SCRAM_SALT, secret.salt},
      {GSASL_SCRAM_STOREDKEY, secret.stored_key},
      {GSASL_SCRAM_SERVERKEY, secret.server_key}};
  for (const auto& [property, value] : properties) {
    if (auto known = set(session, property, value); !known) return tl::unexpected(known.error());
  }
  return exchange;
}

Exchange::~Exchange() {
  ::gsasl_finish(session_);
}

Result<Exchange::Step> Exchange::step(std::string_view data) {
  char* output = nullptr;
  std::size_t size = 0;
  const int status = ::gsasl_step(session_, data.data(), data.size(), &output, &size);
  const std::unique_ptr<char, void (*)(void*)> owned(output, &::gsasl_free);
  if (status != GSASL_OK && status != GSASL_NEEDS_MORE) return gsasl_failure(status);
  return Step{output == nullptr ? "" : std::string(output, size), status == GSASL_OK};
}

std::string Exchange::principal() const {
  return text_of(::gsasl_property_fast(session_, GSASL_AUTHID));
}

std::string Exchange::acts_as() const {
  return text_of(::gsasl_property_fast(session_, GSASL_AUTHZID));
}

std::uint64_t iterations_in(std::string_view server_first) {
  for (const std::string_view part : split(server_first, ',')) {
    if (!part.starts_with("i=")) continue;
    std::uint64_t count = 0;
    const auto [stop, problem] = std::from_chars(part.data() + 2, part.data() + part.size(), count);
    if (problem == std::errc::result_out_of_range) return ~std::uint64_t{0};
    return problem == std::errc{} && stop == part.data() + part.size() ? count : 0;
  }
  return 0;
}

}  // namespace mesolite::scram
