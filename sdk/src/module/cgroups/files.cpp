// Reading and writing a group's files.
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <limits>

#include "mesolite/base/text.hpp"
#include "mesolite/module/cgroups.hpp"

namespace mesolite {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  if (text == "max" || text == "-1") return std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

bool CgroupFs::has(std::string_view controller, const std::string& name,
                   std::string_view file) const {
  return version(controller) && ::access(path(controller, name, file).c_str(), F_OK) == 0;
}

Result<std::string> CgroupFs::read(std::string_view controller, const std::string& name,
                                   std::string_view file) const {
  if (auto known = require(controller); !known) return tl::unexpected(known.error());
  const std::string from = path(controller, name, file);
  std::string text;
  if (const int error = calls_->read(from, text); error != 0) {
    return system_failure("cannot read '" + from + "'", error);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<std::uint64_t> CgroupFs::read_number(std::string_view controller, const std::string& name,
                                            std::string_view file) const {
  const auto text = read(controller, name, file);
  if (!text) return tl::unexpected(text.error());
  if (const auto value = number(*text)) return *value;
  return failure("'" + path(controller, name, file) + "' holds no number but '" +
                 text->substr(0, 40) + "'");
}

Result<std::map<std::string, std::uint64_t>> CgroupFs::read_table(std::string_view controller,
                                                                  const std::string& name,
                                                                  std::string_view file) const {
  const auto text = read(controller, name, file);
  if (!text) return tl::unexpected(text.error());
  std::map<std::string, std::uint64_t> table;
  for (const std::string_view line : split(*text, '\n')) {
    const auto blank = line.find(' ');
    if (blank == line.npos) continue;
    if (const auto value = number(trim(line.substr(blank)))) {
      table.emplace(line.substr(0, blank), *value);
    }
  }
  return table;
}

Status CgroupFs::write(std::string_view controller, const std::string& name, std::string_view file,
                       std::string_view value) {
  if (auto known = require(controller); !known) return tl::unexpected(known.error());
  const std::string to = path(controller, name, file);
  if (const int error = calls_->write(to, value); error != 0) {
    return system_failure("cannot write '" + std::string(value) + "' to '" + to + "'", error);
  }
  return {};
}

}  // namespace mesolite
