// Misbehaves while it is opened: in a static constructor.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "mesolite/module/manifest.h"

namespace {

[[maybe_unused]] void throw_exception() {
  throw std::runtime_error("thrown while opening");
}
[[maybe_unused]] void crash() {
  std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would make an exit of it
  std::raise(SIGSEGV);
}
[[maybe_unused]] void hang() {
  for (;;) ::pause();
}
[[maybe_unused]] void leave() {
  ::_exit(0);
}
[[maybe_unused]] void chatter() {
  std::puts("a module that prints to the standard output");
  std::fflush(stdout);
}

struct Opening {
  Opening() { OPENING(); }
} const opening;

}  // namespace

extern "C" __attribute__((visibility("default"))) const mesolite_manifest* mesolite_module() {
  return nullptr;
}
