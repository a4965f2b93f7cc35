// What makes an interface a kind of module: its methods, each named once with a number that stands
// for it at the border. From that one list come both the module's side (dispatch: bytes in, bytes
// out) and the host's (Client: the interface itself, whose calls go through bytes).
//
//   #define MESOLITE_ALLOCATOR_METHODS(METHOD) METHOD(1, allocate, AllocateRequest, …)
//   MESOLITE_MODULE_KIND(Allocator, "allocator", 1, MESOLITE_ALLOCATOR_METHODS)
//
// A method takes one described struct and answers with a Result of another. Numbers are never
// reused; a kind that gains a method takes the next interface version, and a host goes on loading
// modules of older ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mesolite/protocol/codec.hpp"

namespace mesolite {

// A module's instance as its host sees it, wherever it runs: bytes in, bytes out. Thread-safety is
// that of the module's class: one call at a time.
class ModuleInstance {
 public:
  ModuleInstance() = default;
  virtual ~ModuleInstance() = default;
  ModuleInstance(const ModuleInstance&) = delete;
  ModuleInstance& operator=(const ModuleInstance&) = delete;

  // Fails with the module's own sentence, or one about how it misbehaved.
  virtual Result<std::string> call(std::uint32_t method, std::string_view request) = 0;
  // "allocator 'hierarchical'": who is to blame, for error messages.
  virtual const std::string& title() const = 0;
};

template <class Kind>
struct ModuleKind;  // specialised by MESOLITE_MODULE_KIND

namespace detail {

// The module's side of a method.
template <class Kind, class Request, class Response>
Result<std::string> answer(Kind& module, Result<Response> (Kind::*method)(const Request&),
                           std::string_view bytes) {
  const auto request = decode<Request>(bytes);
  if (!request) return failure("cannot read the request", request.error());
  const Result<Response> response = (module.*method)(*request);
  if (!response) return tl::unexpected(response.error());
  return encode(*response);
}

// The host's side of a method.
template <class Response, class Request>
Result<Response> ask(ModuleInstance& module, std::uint32_t number, std::string_view method,
                     const Request& request) {
  const auto describe = [&](const Error& cause) {
    return failure(module.title() + ", " + std::string(method), cause);
  };
  const auto bytes = module.call(number, encode(request));
  if (!bytes) return describe(bytes.error());
  auto response = decode<Response>(*bytes);
  if (!response) return describe(Error{"cannot read the answer: " + response.error().message});
  return std::move(*response);
}

}  // namespace detail

#define MESOLITE_MODULE_ANSWER(number, method, Request, Response) \
  case number:                                                    \
    return detail::answer<Interface, Request, Response>(module, &Interface::method, bytes);

#define MESOLITE_MODULE_ASK(number, method, Request, Response)                   \
  Result<Response> method(const Request& request) override {                     \
    return detail::ask<Response, Request>(*instance_, number, #method, request); \
  }

// Both sides are templates, so that whoever includes a kind for its structs alone does not compile
// their codec.
#define MESOLITE_MODULE_KIND(Kind, kind_name, version, METHODS)                         \
  template <>                                                                           \
  struct ModuleKind<Kind> {                                                             \
    using Interface = Kind;                                                             \
    static constexpr const char* name = kind_name;                                      \
    static constexpr std::uint32_t interface_version = version;                         \
                                                                                        \
    template <class Module>                                                             \
    static Result<std::string> dispatch(Module& module, std::uint32_t method,           \
                                        std::string_view bytes) {                       \
      switch (method) {                                                                 \
        METHODS(MESOLITE_MODULE_ANSWER)                                                 \
        default:                                                                        \
          return failure("this " kind_name " has no method " + std::to_string(method)); \
      }                                                                                 \
    }                                                                                   \
                                                                                        \
    template <class Base>                                                               \
    class BasicClient final : public Base {                                             \
     public:                                                                            \
      explicit BasicClient(std::unique_ptr<ModuleInstance> instance)                    \
          : instance_(std::move(instance)) {}                                           \
      METHODS(MESOLITE_MODULE_ASK)                                                      \
                                                                                        \
     private:                                                                           \
      std::unique_ptr<ModuleInstance> instance_;                                        \
    };                                                                                  \
    using Client = BasicClient<Interface>;                                              \
  };

template <class Kind>
using ModuleClient = typename ModuleKind<Kind>::Client;

}  // namespace mesolite
