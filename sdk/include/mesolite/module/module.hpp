// The one line with which a class becomes a module. In a file of its own, module.cpp:
//
//   MESOLITE_MODULE(Allocator, "my-allocator", "1.0.0", "What it does in one sentence",
//                   MyAllocator, MyParameters)
//
// - The kind is Allocator, Isolator or Authenticator; MyAllocator derives from it.
// - MyParameters is a struct with MESOLITE_FIELDS; its default values are the schema that the
//   operator's configuration is checked against. `Nothing` if there are none.
// - MyAllocator is made as MyAllocator(const MyParameters&, Host&); or, if it may refuse, by
//   static Result<std::unique_ptr<MyAllocator>> create(const MyParameters&, Host&).
// - An author may follow as a last argument: "Jane Doe <jane@example.org>".
//
// The methods may throw: an exception becomes a failure with its text and never crosses the border.
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mesolite/module/host.hpp"
#include "mesolite/module/kind.hpp"
#include "mesolite/module/manifest.h"
#include "mesolite/protocol/types.hpp"

namespace mesolite::detail {

inline std::string_view view(mesolite_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

inline void put(mesolite_sink* out, std::string_view text) {
  out->write(out->context, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// The host behind its C table.
class BorderHost final : public Host {
 public:
  explicit BorderHost(const mesolite_host* table) : table_(table) {}

  void log(Severity severity, std::string_view text) override {
    if (has(offsetof(mesolite_host, log), table_->log)) {
      table_->log(table_->context, static_cast<std::int32_t>(severity), text.data(), text.size());
    }
  }
  void notify(std::string_view data) override {
    if (has(offsetof(mesolite_host, notify), table_->notify)) {
      table_->notify(table_->context, reinterpret_cast<const std::uint8_t*>(data.data()),
                     data.size());
    }
  }

 private:
  // An older host has a shorter table.
  template <class Function>
  bool has(std::size_t offset, Function function) const {
    return table_->size >= offset + sizeof(Function) && function != nullptr;
  }

  const mesolite_host* table_;  // outlives every instance
};

// Runs what may throw at the border: bytes or a sentence go into `out`.
template <class Function>
std::int32_t guard(mesolite_sink* out, Function&& function) noexcept {
  try {
    try {
      const Result<std::string> answer = function();
      put(out, answer ? *answer : answer.error().message);
      return answer ? MESOLITE_OK : MESOLITE_FAILED;
    } catch (const std::exception& exception) {
      put(out, std::string("it threw an exception: ") + exception.what());
    } catch (...) {
      put(out, "it threw something that is no std::exception");
    }
  } catch (...) {
    // Not even the sentence could be made (no memory): the status has to say it.
  }
  return MESOLITE_FAILED;
}

// The C table of a class.
template <class Kind, class Class, class Parameters>
struct Border {
  struct Instance {
    explicit Instance(const mesolite_host* table) : host(table) {}
    BorderHost host;  // before the module: it may use it to its end
    std::unique_ptr<Class> module;
  };

  static Result<std::unique_ptr<Class>> make(const Parameters& parameters, Host& host) {
    static_assert(std::derived_from<Class, Kind>, "a module's class derives from its kind");
    if constexpr (requires { Class::create(parameters, host); }) {
      return Class::create(parameters, host);
    } else {
      return std::make_unique<Class>(parameters, host);
    }
  }

  static std::int32_t create(mesolite_bytes bytes, const mesolite_host* table, void** out_instance,
                             mesolite_sink* out) noexcept {
    return guard(out, [&]() -> Result<std::string> {
      const auto parameters = decode<Parameters>(view(bytes), StructForm::map);
      if (!parameters) return failure("cannot read the parameters", parameters.error());
      auto instance = std::make_unique<Instance>(table);
      auto module = make(*parameters, instance->host);
      if (!module) return tl::unexpected(module.error());
      instance->module = std::move(*module);
      *out_instance = instance.release();
      return std::string();
    });
  }

  static std::int32_t call(void* instance, std::uint32_t method, mesolite_bytes in,
                           mesolite_sink* out) noexcept {
    return guard(out, [&] {
      Kind& module = *static_cast<Instance*>(instance)->module;
      return ModuleKind<Kind>::dispatch(module, method, view(in));
    });
  }

  static void destroy(void* instance) noexcept { delete static_cast<Instance*>(instance); }

  // `schema` outlives the manifest.
  static mesolite_manifest manifest(const std::string& schema, const char* name,
                                    const char* version, const char* summary, const char* author) {
    const mesolite_bytes defaults{reinterpret_cast<const std::uint8_t*>(schema.data()),
                                  schema.size()};
    return {MESOLITE_MODULE_MAGIC,
            sizeof(mesolite_manifest),
            MESOLITE_MODULE_ABI,
            ModuleKind<Kind>::name,
            ModuleKind<Kind>::interface_version,
            name,
            version,
            summary,
            author,
            defaults,
            &create,
            &call,
            &destroy};
  }
};

}  // namespace mesolite::detail

#define MESOLITE_MODULE(Kind, name, version, summary, Class, Parameters, ...)                    \
  extern "C" __attribute__((visibility("default"))) const mesolite_manifest* mesolite_module() { \
    static const std::string schema =                                                            \
        ::mesolite::encode(Parameters{}, ::mesolite::StructForm::map);                           \
    static const mesolite_manifest manifest =                                                    \
        ::mesolite::detail::Border<::mesolite::Kind, Class, Parameters>::manifest(               \
            schema, name, version, summary, "" __VA_ARGS__);                                     \
    return &manifest;                                                                            \
  }
