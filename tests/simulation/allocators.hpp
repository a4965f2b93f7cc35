// The allocator modules, linked straight in: the list of those that the simulation knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::simulation {

bool knows_allocator(std::string_view name);

// With its default parameters. REQUIRES: knows_allocator(name). `host` outlives it.
std::unique_ptr<Allocator> make_allocator(std::string_view name, Host& host);

}  // namespace mesolite::simulation
