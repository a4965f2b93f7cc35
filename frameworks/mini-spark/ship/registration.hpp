// How code is named in another process of the same executable.
//
// Each instantiation of a node's template, and with it each type of function that a user hands in,
// has one Registration: a constant of the executable. The wire carries its offset from the image
// base. Equal names would not do: two lambdas in anonymous namespaces of two files have the same
// name, and the wrong one would run. That the images are the same is checked by build id
// (image.hpp).
//
// The list of registrations is the one static registration of the tree: only the templates that a
// program instantiates know that they exist, so no main() could list them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/records/pack.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::spark {

class Node;
struct NodeSeed;

class Registration {
 public:
  using Make = std::shared_ptr<Node> (*)(Unpacker& in, NodeSeed seed);

  Registration(const std::type_info& type, Make make);
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  std::string type() const;  // as a person reads it
  const Make make;

  // Fails if it does not lie in the executable itself.
  Result<std::uint64_t> offset() const;
  // The registration at this offset, if there is one there: the offset came from outside.
  static Result<const Registration*> find(std::uint64_t offset);

 private:
  const std::type_info& type_;
};

std::string type_text(const std::type_info& type);

// A plain function of the executable as its offset, and back. Throws std::runtime_error if it is
// not there.
std::uint64_t code_offset(std::uintptr_t address);
std::uintptr_t code_address(std::uint64_t offset);

template <class F>
concept FunctionPointer = std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>;

// The registration of node type N. REQUIRES: N::make(Unpacker&, NodeSeed).
template <class N>
inline const Registration registration_of{typeid(N), &N::make};

// A function object that may contain pointers on purpose: `meant(f)`.
template <class F>
struct Meant {
  F f;
  template <class... Arguments>
  decltype(auto) operator()(Arguments&&... arguments) const {
    return f(std::forward<Arguments>(arguments)...);
  }
};
template <class F>
Meant<F> meant(F f) {
  return {std::move(f)};
}

// A Packer that remembers where the bytes of captures lie, for the search for pointers in them.
struct CapturePacker : Packer {
  struct Capture {
    std::size_t offset = 0;
    std::size_t size = 0;
    const std::type_info* type = nullptr;
  };
  std::vector<Capture> captures;
};

template <class F>
inline constexpr bool is_meant = false;
template <class F>
inline constexpr bool is_meant<Meant<F>> = true;

// Whether the type has members that pack() treats one by one.
template <class F>
concept Structured =
    Text<F> || Described<F> || Container<F> || is_optional<F> || is_tuple<F> || is_pair<F>;

// For the structs of this library that hold users' functions, which need not have a default: all
// members in declared order.
#define MESOLITE_PARTS(...)              \
  auto parts() const {                   \
    return std::make_tuple(__VA_ARGS__); \
  }

template <class F>
concept HasParts = requires(const F& whole) {
  whole.parts();
};

// std::is_trivially_copyable does not do: g++ 12 changes its mind about a closure with captures
// once somebody has asked whether it can be assigned.
template <class F>
concept CopiedByBytes =
    std::is_trivially_copy_constructible_v<F> && std::is_trivially_destructible_v<F>;

template <class F>
void pack_capture(CapturePacker& out, const F& function) {
  if constexpr (HasParts<F>) {
    std::apply([&](const auto&... parts) { (pack_capture(out, parts), ...); }, function.parts());
  } else if constexpr (FunctionPointer<F>) {
    out.number(code_offset(reinterpret_cast<std::uintptr_t>(function)));
  } else if constexpr (Structured<F>) {
    pack(out, function);
  } else {
    static_assert(CopiedByBytes<F>,
                  "a function that is sent to workers may capture only what is trivially "
                  "copyable, or be a struct with MESOLITE_FIELDS; hand large or owning values "
                  "over as a Broadcast<T>");
    F copy = function;
#if defined(__GNUC__) && !defined(__clang__)
    __builtin_clear_padding(&copy);  // what lies there by chance could look like a pointer
#endif
    if constexpr (!is_meant<F> && !std::is_empty_v<F> && !std::is_arithmetic_v<F>) {
      out.captures.push_back({out.size(), sizeof(F), &typeid(F)});
    }
    out.raw(&copy, sizeof(F));
  }
}

template <class F>
F unpack_capture(Unpacker& in) {
  if constexpr (HasParts<F>) {
    return [&]<class... Parts>(std::type_identity<std::tuple<Parts...>>) {
      return F{unpack_capture<Parts>(in)...};  // braces: in order
    }(std::type_identity<decltype(std::declval<const F&>().parts())>());
  } else if constexpr (FunctionPointer<F>) {
    return reinterpret_cast<F>(code_address(in.number()));
  } else if constexpr (Structured<F>) {
    F function{};
    unpack(in, function);
    return function;
  } else {
    alignas(F) std::byte bytes[sizeof(F)] = {};
    in.raw(bytes, sizeof(F));
    return *std::launder(reinterpret_cast<const F*>(bytes));
  }
}

}  // namespace mesolite::spark
