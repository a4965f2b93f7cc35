#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/options.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::config {
namespace {

constexpr std::size_t line_width = 80;

// Appends `words` as lines that begin with `indent` blanks and end before `line_width`.
void append_wrapped(std::string& page, std::string_view words, std::size_t indent) {
  std::string line(indent, ' ');
  bool first = true;
  for (const std::string_view word : split(words, ' ')) {
    if (!first && line.size() + 1 + word.size() > line_width) {
      page.append(line).append("\n");
      line.assign(indent, ' ');
      first = true;
    }
    line.append(first ? "" : " ").append(word);
    first = false;
  }
  page.append(line).append("\n");
}

std::string_view value_word(OptionKind kind) {
  switch (kind) {
    case OptionKind::text:
      return "TEXT";
    case OptionKind::path:
      return "PATH";
    case OptionKind::integer:
    case OptionKind::number:
      return "NUMBER";
    case OptionKind::boolean:
      return "";
    case OptionKind::duration:
      return "DURATION";
    case OptionKind::bytes:
      return "SIZE";
    case OptionKind::list:
      return "LIST";
  }
  return "";
}

std::string option_help(const OptionSpec& spec) {
  const std::string name(spec.name);
  const bool boolean = spec.kind == OptionKind::boolean;
  std::string entry =
      boolean ? "  --[no-]" + name : "  --" + name + "=" + std::string(value_word(spec.kind));
  if (spec.accepts == "required") {
    entry += "  (required)";
  } else {
    const std::string shown =
        spec.default_text.empty() ? "not set" : std::string(spec.default_text);
    entry += "  (default: " + shown + ")";
  }
  entry += "\n";
  append_wrapped(entry, spec.help, 6);
  const bool restricted = !spec.accepts.empty() && spec.accepts != "required";
  if (restricted) append_wrapped(entry, "Accepts " + expectation(spec) + ".", 6);
  append_wrapped(entry, "Environment: MESOS_" + name, 6);
  if (!spec.aliases.empty()) {
    append_wrapped(entry, "Old name: " + std::string(spec.aliases), 6);
  }
  return entry;
}

std::vector<std::string_view> groups_of(const OptionTable& table) {
  std::vector<std::string_view> groups;
  for (const OptionSpec& spec : table.options) {
    if (groups.empty() || groups.back() != spec.group) groups.push_back(spec.group);
  }
  return groups;
}

std::string group_help(const OptionTable& table, std::string_view group) {
  std::vector<OptionSpec> members;
  for (const OptionSpec& spec : table.options) {
    if (spec.group == group) members.push_back(spec);
  }
  std::sort(members.begin(), members.end(),
            [](const OptionSpec& left, const OptionSpec& right) { return left.name < right.name; });
  std::string section = "\n" + std::string(group) + "\n";
  for (const OptionSpec& spec : members) section += option_help(spec);
  return section;
}

}  // namespace

std::string help_text(const OptionTable& table) {
  std::string page =
      "Usage: " + std::string(table.program) + " [--name=value | --name value]...\n\n";
  append_wrapped(page, table.summary, 0);
  page += "\n";
  append_wrapped(page,
                 "A flag on the command line counts over the environment variable MESOS_name (the "
                 "part after MESOS_ in any case), that over the key 'name' in the TOML file of "
                 "--config, and that over the default. Durations are written as 500ms, 15secs, "
                 "2mins, 1hrs, 1weeks (a bare number means seconds), sizes as 512KB, 64MB, 2GB. "
                 "file://PATH as a value takes the value from that file.",
                 0);
  page +=
      "\nGeneral\n  --help\n      Print this page and exit.\n"
      "  --version\n      Print the version and exit.\n";
  for (const std::string_view group : groups_of(table)) page += group_help(table, group);
  return page;
}

}  // namespace mesolite::config
