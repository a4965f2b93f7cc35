#include "sdk/net/tls_client.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>

namespace mesolite::net {
namespace {

bool is_address(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  return ::inet_pton(AF_INET, host.c_str(), &four) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &six) == 1;
}

std::string last_error() {
  const unsigned long code = ERR_get_error();
  if (code == 0) return "the connection broke";
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

int size_of(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

struct TlsClient::Parts {
  ~Parts() {
    SSL_free(connection);
    SSL_CTX_free(context);
  }
  SSL_CTX* context = nullptr;
  SSL* connection = nullptr;
  std::string problem;
};

TlsClient::TlsClient(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TlsClient::~TlsClient() = default;

Result<std::unique_ptr<TlsClient>> TlsClient::create(int socket, const std::string& host) {
  auto parts = std::make_unique<Parts>();
  parts->context = SSL_CTX_new(TLS_client_method());
  if (parts->context == nullptr) return failure("TLS: " + last_error());
  SSL_CTX_set_min_proto_version(parts->context, TLS1_2_VERSION);
  SSL_CTX_set_verify(parts->context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(parts->context);
  // Who ends without a word has said all: the length of an answer tells whether it is whole.
  SSL_CTX_set_options(parts->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(parts->context, SSL_MODE_ENABLE_PARTIAL_WRITE);
  parts->connection = SSL_new(parts->context);
  if (parts->connection == nullptr) return failure("TLS: " + last_error());
  bool named = false;
  if (is_address(host)) {
    X509_VERIFY_PARAM* expected = SSL_get0_param(parts->connection);
    named = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  } else {
    named = SSL_set1_host(parts->connection, host.c_str()) == 1 &&
            SSL_set_tlsext_host_name(parts->connection, host.c_str()) == 1;
  }
  if (!named || SSL_set_fd(parts->connection, socket) != 1) return failure("TLS: " + last_error());
  return std::unique_ptr<TlsClient>(new TlsClient(std::move(parts)));
}

TlsClient::Outcome TlsClient::outcome_of(int result) {
  if (result > 0) return {State::done, static_cast<std::size_t>(result)};
  switch (SSL_get_error(parts_->connection, result)) {
    case SSL_ERROR_WANT_READ:
      return {State::want_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {State::want_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {State::ended, 0};
    default:
      break;
  }
  const long verified = SSL_get_verify_result(parts_->connection);
  parts_->problem = verified == X509_V_OK ? last_error()
                                          : std::string("its certificate: ") +
                                                X509_verify_cert_error_string(verified);
  return {State::failed, 0};
}

TlsClient::Outcome TlsClient::shake_hands() {
  ERR_clear_error();
  return outcome_of(SSL_connect(parts_->connection));
}

TlsClient::Outcome TlsClient::send(std::string_view data) {
  ERR_clear_error();
  return outcome_of(SSL_write(parts_->connection, data.data(), size_of(data.size())));
}

TlsClient::Outcome TlsClient::receive(char* buffer, std::size_t size) {
  ERR_clear_error();
  return outcome_of(SSL_read(parts_->connection, buffer, size_of(size)));
}

std::string TlsClient::problem() const {
  return "TLS: " + parts_->problem;
}

}  // namespace mesolite::net
