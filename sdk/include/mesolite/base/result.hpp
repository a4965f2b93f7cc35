// Result<T>: a value, or one sentence that says what was attempted, with which value, and what
// was wrong. For everything that can happen in the field; bugs of ours are MESOLITE_CHECKs.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace mesolite {

struct Error {
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

// The result of something done for its effect.
using Status = Result<void>;

// `return failure("cannot open '" + path + "': " + reason);`
[[nodiscard]] inline tl::unexpected<Error> failure(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

// The same failure seen from one level further out: "context: message".
[[nodiscard]] inline tl::unexpected<Error> failure(std::string_view context, const Error& cause) {
  return tl::unexpected<Error>(Error{std::string(context) + ": " + cause.message});
}

// The failure of a system call: "what: text of errno".
[[nodiscard]] tl::unexpected<Error> system_failure(std::string_view what, int error_number);

}  // namespace mesolite
