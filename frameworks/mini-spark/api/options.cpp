#include "frameworks/mini-spark/api/options.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <map>
#include <string_view>
#include <thread>

namespace mesolite::spark {
namespace {

template <class N>
Result<N> parse_number(std::string_view name, std::string_view text) {
  N number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return failure("--" + std::string(name) + ": '" + std::string(text) + "' is not a number");
}

// "512M", "2G", "1000000"
Result<std::uint64_t> parse_size(std::string_view name, std::string_view text) {
  unsigned shift = 0;
  if (text.ends_with('K')) shift = 10;
  if (text.ends_with('M')) shift = 20;
  if (text.ends_with('G')) shift = 30;
  if (shift > 0) text.remove_suffix(1);
  const auto number = parse_number<std::uint64_t>(name, text);
  if (!number) return number;
  return *number << shift;
}

using Set = std::function<Status(Options&, std::string_view value)>;

template <class N>
Set number_of(const std::string& name, N Options::*member) {
  return [name, member](Options& options, std::string_view value) -> Status {
    const auto number = parse_number<N>(name, value);
    if (!number) return tl::unexpected(number.error());
    options.*member = *number;
    return {};
  };
}

Set text_of(std::string Options::*member) {
  return [member](Options& options, std::string_view value) -> Status {
    options.*member = value;
    return {};
  };
}

Status set_memory(Options& options, std::string_view value) {
  constexpr std::uint64_t memory_min = std::uint64_t{16} << 20;
  const auto size = parse_size("memory", value);
  if (!size) return tl::unexpected(size.error());
  if (*size < memory_min) return failure("--memory: at least 16M are needed");
  options.memory = *size;
  return {};
}

Status set_pools(Options& options, std::string_view value) {
  if (value != "fifo" && value != "fair") return failure("--pools: expected fifo or fair");
  options.tracker.mode = value == "fair" ? PoolMode::fair : PoolMode::fifo;
  return {};
}

Status set_idle_timeout(Options& options, std::string_view value) {
  const auto timeout = parse_duration(value);
  if (!timeout) return failure("--idle-timeout", timeout.error());
  options.idle_timeout = *timeout;
  return {};
}

const std::map<std::string, Set, std::less<>>& setters() {
  static const std::map<std::string, Set, std::less<>> all = {
      {"master", text_of(&Options::master)},
      {"name", text_of(&Options::name)},
      {"memory", set_memory},
      {"cores", number_of("cores", &Options::cores)},
      {"executors", number_of("executors", &Options::executors_max)},
      {"partitions", number_of("partitions", &Options::partitions)},
      {"idle-timeout", set_idle_timeout},
      {"scratch", text_of(&Options::scratch)},
      {"event-log", text_of(&Options::event_log)},
      {"web-port", number_of("web-port", &Options::web_port)},
      {"pools", set_pools},
  };
  return all;
}

bool set_switch(Options& options, std::string_view name) {
  if (name == "quiet") return options.quiet = true;
  if (name == "speculation") return options.tracker.speculation = true;
  return false;
}

}  // namespace

Result<ParsedOptions> parse_options(const std::vector<std::string>& arguments) {
  ParsedOptions parsed;
  if (const char* const master = std::getenv("MASTER")) parsed.options.master = master;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "--") {
      parsed.rest.insert(parsed.rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                         arguments.end());
      break;
    }
    const std::size_t equals = argument.find('=');
    const std::string_view name =
        argument.starts_with("--") ? argument.substr(2, equals - 2) : std::string_view();
    if (set_switch(parsed.options, name)) continue;
    const auto setter = setters().find(name);
    if (name.empty() || setter == setters().end()) {
      parsed.rest.emplace_back(argument);
      continue;
    }
    if (equals == std::string_view::npos && i + 1 == arguments.size()) {
      return failure("--" + std::string(name) + " needs a value");
    }
    const std::string value = equals == std::string_view::npos
                                  ? arguments[++i]
                                  : std::string(argument.substr(equals + 1));
    if (const Status set = setter->second(parsed.options, value); !set) {
      return tl::unexpected(set.error());
    }
  }
  if (parsed.options.cores == 0) return failure("--cores: at least one is needed");
  const auto slots = local_slots(parsed.options.master);
  if (!slots) return tl::unexpected(slots.error());
  return parsed;
}

Result<std::uint32_t> local_slots(const std::string& master) {
  if (master == "local") return 1;
  if (!master.starts_with("local[")) return 0;
  const std::string_view text = std::string_view(master).substr(6);
  if (text == "*]") return std::max(1U, std::thread::hardware_concurrency());
  std::uint32_t slots = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), slots);
  const bool whole = error == std::errc() && end + 1 == text.data() + text.size() && *end == ']';
  if (whole && slots > 0) return slots;
  return failure("master '" + master + "': expected local[N] with N > 0, or local[*]");
}

}  // namespace mesolite::spark
