// mesolite-module-host FILE: one module in a process of its own. Opens the library, says what it
// is, and answers the calls of the daemon that has started it, in the language of frames.hpp, until
// that closes its end.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "kernel/modules/frames.hpp"
#include "mesolite/module/client.hpp"
#include "sdk/src/module/preflight.hpp"

namespace mesolite::modules {
namespace {

// What the module asks of its host goes out as news.
class NewsHost final : public Host {
 public:
  void log(Severity severity, std::string_view text) override {
    write_news(news_descriptor, static_cast<std::uint32_t>(severity), text);
  }
  void notify(std::string_view data) override { write_news(news_descriptor, notice_word, data); }
};

bool answer(const Result<std::string>& result) {
  const std::string& bytes = result ? *result : result.error().message;
  return write_frame(calls_descriptor, result ? MESOLITE_OK : MESOLITE_FAILED, bytes).has_value();
}

std::shared_ptr<const ModuleLibrary> open_and_report(const char* file) {
  const auto library = ModuleLibrary::open(file);
  PreflightReport report;
  if (library) report.description = (*library)->description();
  if (!library) report.problem = library.error().message;
  const bool heard = write_frame(calls_descriptor, 0, encode(report)).has_value();
  return library && heard ? *library : nullptr;
}

Result<std::unique_ptr<ModuleInstance>> create(std::shared_ptr<const ModuleLibrary> library,
                                               std::string_view bytes, Host& host) {
  const auto parameters = decode<ParameterMap>(bytes);
  if (!parameters) return failure("cannot read the parameters", parameters.error());
  return create_instance(library->manifest(), *parameters, host, library);
}

void serve(const char* file) {
  auto library = open_and_report(file);
  if (library == nullptr) return;
  NewsHost host;
  std::unique_ptr<ModuleInstance> instance;
  while (const auto frame = read_frame(calls_descriptor)) {
    if (frame->word != create_word && instance != nullptr) {
      if (!answer(instance->call(frame->word, frame->bytes))) return;
      continue;
    }
    auto made = create(library, frame->bytes, host);
    if (!answer(made ? Result<std::string>() : tl::unexpected(made.error())) || !made) return;
    instance = std::move(*made);
  }
}

}  // namespace
}  // namespace mesolite::modules

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: mesolite-module-host FILE\n");
    return 64;
  }
  // A call that does not return would outlive a daemon that was killed.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);  // a module's chatter has no business in our output
  mesolite::modules::serve(argv[1]);
  return 0;
}
