#include "posix_rlimits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "mesolite/base/text.hpp"

namespace mesolite::posix_rlimits {
namespace {

// A container's own: "rlimit.nofile" -> "1024:4096".
constexpr std::string_view own_prefix = "rlimit.";

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
constexpr std::array<std::string_view, 16> names = {
    "as",   "core",   "cpu",   "data", "fsize",  "locks",  "memlock",    "msgqueue",
    "nice", "nofile", "nproc", "rss",  "rtprio", "rttime", "sigpending", "stack"};

bool read_bound(std::string_view text, std::uint64_t& bound) {
  if (text == "unlimited") return bound = unlimited, true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::string to_text(std::uint64_t bound) {
  return bound == unlimited ? "unlimited" : std::to_string(bound);
}

Result<std::map<std::string, Rlimit>> parse_all(const char* parameter,
                                                const std::vector<std::string>& texts) {
  std::map<std::string, Rlimit> limits;
  for (const std::string& text : texts) {
    auto limit = parse_rlimit(text);
    if (!limit) return failure(std::string("parameter '") + parameter + "'", limit.error());
    limits[limit->name] = *limit;
  }
  return limits;
}

}  // namespace

Result<Rlimit> parse_rlimit(std::string_view text) {
  const auto equals = text.find('=');
  Rlimit limit;
  limit.name = lower(trim(text.substr(0, equals)));
  if (limit.name.starts_with("rlimit_")) limit.name.erase(0, std::string_view("rlimit_").size());
  if (std::find(names.begin(), names.end(), limit.name) == names.end()) {
    return failure("there is no rlimit '" + limit.name + "'");
  }
  const auto bounds =
      split(equals == text.npos ? std::string_view() : trim(text.substr(equals + 1)), ':');
  const bool good = bounds.size() <= 2 && read_bound(bounds.front(), limit.soft) &&
                    read_bound(bounds.back(), limit.hard) && limit.soft <= limit.hard;
  if (good) return limit;
  return failure("'" + std::string(text) + "' is no rlimit: expected 'NAME=SOFT:HARD'");
}

Result<std::unique_ptr<PosixRlimitsIsolator>> PosixRlimitsIsolator::create(
    const Parameters& parameters, Host&) {
  auto defaults = parse_all("defaults", parameters.defaults);
  if (!defaults) return tl::unexpected(defaults.error());
  auto maxima = parse_all("maxima", parameters.maxima);
  if (!maxima) return tl::unexpected(maxima.error());
  return std::unique_ptr<PosixRlimitsIsolator>(
      new PosixRlimitsIsolator(std::move(*defaults), std::move(*maxima)));
}

Result<Contribution> PosixRlimitsIsolator::prepare(const ContainerContext& container) {
  Limits limits = defaults_;
  for (const auto& [key, value] : container.spec.parameters) {
    if (!key.starts_with(own_prefix)) continue;
    const auto own = parse_rlimit(key.substr(own_prefix.size()) + "=" + value);
    if (!own) return tl::unexpected(own.error());
    const auto most = maxima_.find(own->name);
    if (most != maxima_.end() && own->hard > most->second.hard) {
      return failure("the container asks for an rlimit " + own->name + " of " + to_text(own->hard) +
                     ", more than the " + to_text(most->second.hard) + " that this agent allows");
    }
    limits[own->name] = *own;
  }
  for (const auto& [name, most] : maxima_) limits.try_emplace(name, most);
  Contribution contribution = unattended();
  for (auto& [name, limit] : limits) contribution.rlimits.push_back(std::move(limit));
  return contribution;
}

}  // namespace mesolite::posix_rlimits
