// The host's side of the border: makes an instance out of a manifest. The loader of libraries and
// tests that link a module's class straight in go through the same C table.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mesolite/module/host.hpp"
#include "mesolite/module/kind.hpp"
#include "mesolite/module/manifest.h"
#include "mesolite/module/module.hpp"
#include "mesolite/module/parameters.hpp"

namespace mesolite {

// Calls the manifest's create. `host` outlives the instance; `library`, whatever it is, is kept
// alive as long as the instance. REQUIRES: a manifest that is well-formed (see loader.hpp).
// Fails with the sentence of a module that refuses. Whatever the module does, nothing is thrown.
Result<std::unique_ptr<ModuleInstance>> create_instance(const mesolite_manifest& manifest,
                                                        const ParameterMap& parameters, Host& host,
                                                        std::shared_ptr<const void> library = {});

// A module whose class is linked straight in, behind the same byte border as a loaded one.
//
//   auto allocator = local_module<Allocator, MyAllocator, MyParameters>({}, host);
template <class Kind, class Class, class Parameters>
Result<std::unique_ptr<Kind>> local_module(const Parameters& parameters, Host& host) {
  const std::string bytes = encode(parameters, StructForm::map);
  auto named = decode<ParameterMap>(bytes);
  if (!named) return failure("parameters", named.error());
  struct Table {
    std::string schema = encode(Parameters{}, StructForm::map);
    mesolite_manifest manifest = detail::Border<Kind, Class, Parameters>::manifest(
        schema, "local", "0", "linked straight in", "");
  };
  const auto table = std::make_shared<const Table>();
  auto instance = create_instance(table->manifest, *named, host, table);
  if (!instance) return tl::unexpected(instance.error());
  return std::make_unique<ModuleClient<Kind>>(std::move(*instance));
}

}  // namespace mesolite
