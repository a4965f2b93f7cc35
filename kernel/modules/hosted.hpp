// Hosted: a module as a daemon holds it, in the daemon's own process or in one beside it.
#pragma once

#include <memory>
#include <string>

#include "kernel/modules/process_instance.hpp"

namespace mesolite::modules {

template <class Kind>
struct Hosted {
  std::string title;  // "allocator 'best-fit'"
  std::unique_ptr<Kind> module;
  ProcessInstance* process = nullptr;  // behind the module; null: it lives in our process
};

}  // namespace mesolite::modules
