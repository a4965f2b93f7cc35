// `mesolite credentials add | token | list | remove`: the file of those who may come in.
#include <fcntl.h>
#include <sys/file.h>

#include <iostream>

#include "kernel/daemon/commands.hpp"
#include "kernel/daemon/process.hpp"
#include "kernel/daemon/start_up.hpp"
#include "kernel/daemon/table.hpp"
#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"
#include "mesolite/credentials/credentials.hpp"

namespace mesolite::daemon {
namespace {

constexpr std::string_view command_title = "mesolite credentials";

// Two that change a file at once would otherwise undo each other's change. The lock lies beside the
// file, which is replaced.
Result<Descriptor> lock(const std::filesystem::path& file) {
  const std::string path = file.string() + ".lock";
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (descriptor.get() < 0 || ::flock(descriptor.get(), LOCK_EX) != 0) {
    return system_failure("cannot lock '" + path + "'", errno);
  }
  return descriptor;
}

template <class Change>
Status change_file(const std::filesystem::path& file, Change&& change) {
  const auto locked = lock(file);
  if (!locked) return tl::unexpected(locked.error());
  Credentials credentials;
  if (std::filesystem::exists(file)) {
    auto read = read_credentials(file);
    if (!read) return tl::unexpected(read.error());
    credentials = std::move(*read);
  }
  if (Status changed = change(credentials); !changed) return changed;
  return write_secret_file(file, credentials.to_text());
}

// The first line of the file, or a new secret.
Result<std::string> secret_of(const CredentialsOptions& options) {
  if (options.secret_file.empty()) return make_secret();
  const auto text = read_secret_file("the secret file", options.secret_file);
  if (!text) return tl::unexpected(text.error());
  return std::string(split(*text, '\n').front());
}

int answer(const Status& done, const std::string& said) {
  if (!done) return fail(command_title, done.error());
  if (!said.empty()) std::cout << said << std::endl;
  return 0;
}

}  // namespace

int add_credential_command(const CredentialsOptions& options) {
  const auto secret = secret_of(options);
  if (!secret) return fail(command_title, secret.error());
  const Status done = change_file(options.file, [&](Credentials& credentials) -> Status {
    auto salted = salt_secret(*secret);
    if (!salted) return tl::unexpected(salted.error());
    return credentials.set_secret(options.principal, std::move(*salted));
  });
  return answer(done, options.secret_file.empty() ? *secret : "");
}

int add_token_command(const CredentialsOptions& options) {
  const std::string token = make_secret();
  const Status done = change_file(options.file, [&](Credentials& credentials) {
    return credentials.add_token(options.principal, token);
  });
  return answer(done, token);
}

int list_credentials_command(const CredentialsOptions& options) {
  const auto credentials = read_credentials(options.file);
  if (!credentials) return fail(command_title, credentials.error());
  Table table({"PRINCIPAL", "SECRET", "TOKENS"});
  for (const Credentials::Entry& entry : credentials->list()) {
    table.add({entry.principal, entry.secret ? "yes" : "no", std::to_string(entry.tokens)});
  }
  std::cout << table.to_text() << std::flush;
  return 0;
}

int remove_credential_command(const CredentialsOptions& options) {
  const Status done = change_file(options.file, [&](Credentials& credentials) -> Status {
    if (credentials.remove(options.principal)) return {};
    return failure("'" + options.file.string() + "' knows no principal '" + options.principal +
                   "'");
  });
  return answer(done, "");
}

}  // namespace mesolite::daemon
