// mesolite-preflight FILE: opens a module library and writes what its manifest says to the standard
// output, as a PreflightReport. Started by the loader; whatever the library does, it does it here.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string_view>

#include "sdk/src/module/preflight.hpp"

namespace {

// A report must not mix with what the library prints: that goes to the standard error instead.
int take_standard_output() {
  const int report = ::dup(STDOUT_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  return report;
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(descriptor, text.data(), text.size());
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: mesolite-preflight FILE\n");
    return 64;
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int descriptor = take_standard_output();

  mesolite::PreflightReport report;
  const auto library = mesolite::ModuleLibrary::open(argv[1]);
  if (library) {
    report.description = (*library)->description();
  } else {
    report.problem = library.error().message;
  }
  // Without destructors: those of the library have no say in the report.
  ::_exit(write_all(descriptor, mesolite::encode(report)) ? 0 : 1);
}
