#include "credentials.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "mesolite/base/text.hpp"

namespace mesolite::shared_secret {
namespace {

constexpr std::size_t file_bytes_max = 1u << 20;

// Why an open file cannot be trusted with secrets, or "".
std::string untrusted(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "is not a file";
  if (status.st_uid != ::geteuid() && status.st_uid != 0) return "belongs to another user";
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) return "is open to other users: chmod 600 it";
  if (static_cast<std::size_t>(status.st_size) > file_bytes_max) return "is larger than 1 MiB";
  return "";
}

Result<std::string> read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece;
  while (text.size() <= file_bytes_max) {
    const ssize_t size = ::read(descriptor, piece.data(), piece.size());
    if (size == 0) return text;
    if (size < 0 && errno != EINTR) return system_failure("cannot be read", errno);
    if (size > 0) text.append(piece.data(), static_cast<std::size_t>(size));
  }
  return failure("is larger than 1 MiB");
}

}  // namespace

Result<Secrets> parse_credentials(std::string_view text) {
  Secrets secrets;
  std::size_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    const auto blank = line.find_first_of(" \t");
    const std::string_view secret = blank == line.npos ? "" : trim(line.substr(blank));
    if (secret.empty() || secret.find_first_of(" \t") != secret.npos) {
      return failure("line " + std::to_string(number) + " is not 'principal secret'");
    }
    const auto [place, added] = secrets.emplace(line.substr(0, blank), secret);
    if (!added) {
      return failure("line " + std::to_string(number) + ": principal '" + place->first +
                     "' stands twice");
    }
  }
  if (secrets.empty()) return failure("it names no principal");
  return secrets;
}

Result<Secrets> read_credentials(const std::filesystem::path& file) {
  const std::string title = "credentials file '" + file.string() + "'";
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return system_failure(title + " cannot be opened", errno);
  struct stat status {};
  ::fstat(descriptor, &status);
  const std::string problem = untrusted(status);
  const auto text = problem.empty() ? read_all(descriptor) : failure(problem);
  ::close(descriptor);
  if (!text) return failure(title + " " + text.error().message);
  auto secrets = parse_credentials(*text);
  if (!secrets) return failure(title, secrets.error());
  return secrets;
}

}  // namespace mesolite::shared_secret
