#include "credentials.hpp"

#include "mesolite/base/guarded_file.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::shared_secret {

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
  const std::string what = "credentials file";
  const auto text = read_secret_file(what, file);
  if (!text) return tl::unexpected(text.error());
  auto secrets = parse_credentials(*text);
  if (!secrets) return failure(what + " '" + file.string() + "'", secrets.error());
  return secrets;
}

}  // namespace mesolite::shared_secret
