// Who may include whom: the table of the architecture, row by row.
#include <algorithm>
#include <array>

#include "pattern.hpp"
#include "rules.hpp"

namespace mesolite::tidy {
namespace {

using Names = std::vector<std::string_view>;

struct Row {
  std::string_view layer;
  Names ours;         // layers of ours that any file of this one may include
  Names third_party;  // and libraries
  Names ours_in_cpp;  // what only .cpp files, and what is not shown, may include besides
  Names third_party_in_cpp;
};

// A layer named "kernel/" or the like means all layers that begin so; "any" means every library.
const std::vector<Row>& table() {
  static const std::vector<Row> rows = {
      {"base", {}, {}, {}, {}},
      {"protocol", {"base"}, {}, {}, {"msgpack"}},
      {"net", {"base", "protocol"}, {"zmq"}, {}, {"openssl"}},
      {"module", {"base", "protocol"}, {}, {}, {"boost"}},
      {"credentials", {"base"}, {}, {}, {"gsasl", "openssl"}},
      {"detection", {"base", "protocol"}, {}, {"net"}, {"zookeeper", "json"}},
      {"framework", {"base", "protocol", "module"}, {}, {"net", "detection"}, {}},
      {"data", {"base", "protocol"}, {}, {"net"}, {"lz4", "zstd", "xxhash"}},
      {"testing",
       {"base", "protocol", "module", "framework", "data"},
       {"gtest"},
       {"net", "kernel/master", "kernel/agent"},
       {}},
      {"modules", {"base", "protocol", "module", "credentials"}, {"any"}, {}, {}},
      {"frameworks/", {"base", "protocol", "framework", "data"}, {"any"}, {}, {}},
      {"kernel/authorization", {"base", "protocol"}, {}, {}, {}},
      {"kernel/master", {"base", "protocol", "module", "kernel/authorization"}, {}, {}, {}},
      {"kernel/agent", {"base", "protocol", "module", "kernel/authorization"}, {}, {}, {}},
      {"kernel/election", {"base", "protocol", "detection"}, {}, {}, {}},
      {"kernel/registry", {"base", "protocol", "detection"}, {"zookeeper", "sqlite"}, {}, {}},
      {"kernel/config", {"base", "protocol"}, {"toml++"}, {}, {}},
      {"kernel/container",
       {"base", "protocol", "module"},
       {"seccomp", "capabilities", "archive", "curl", "openssl"},
       {},
       {}},
      {"kernel/modules",
       {"base", "protocol", "module"},
       {"seccomp", "capabilities", "archive", "curl"},
       {},
       {}},
      {"kernel/http",
       {"base", "protocol", "credentials", "kernel/webui", "kernel/authorization"},
       {"boost", "json", "prometheus", "openssl"},
       {},
       {}},
      {"kernel/webui", {"base", "protocol"}, {}, {}, {}},
      {"kernel/runtime",
       {"base", "protocol", "net", "detection", "module", "credentials", "kernel/authorization",
        "kernel/master", "kernel/agent", "kernel/election", "kernel/registry", "kernel/config",
        "kernel/container", "kernel/modules", "kernel/http"},
       {"spdlog"},
       {},
       {}},
      {"kernel/daemon",
       {"base", "protocol", "net", "detection", "module", "credentials", "framework", "kernel/"},
       {"cli11", "json"},  // the commands read what the operator API writes
       {},
       {}},
  };
  return rows;
}

struct Library {
  std::string_view header_prefix;
  std::string_view name;
};

constexpr std::array<Library, 26> libraries = {{{"msgpack", "msgpack"},
                                                {"zmq", "zmq"},
                                                {"boost/", "boost"},
                                                {"zookeeper/", "zookeeper"},
                                                {"sqlite3", "sqlite"},
                                                {"toml++/", "toml++"},
                                                {"nlohmann/", "json"},
                                                {"prometheus/", "prometheus"},
                                                {"openssl/", "openssl"},
                                                {"spdlog/", "spdlog"},
                                                {"fmt/", "spdlog"},
                                                {"CLI/", "cli11"},
                                                {"lz4", "lz4"},
                                                {"zstd", "zstd"},
                                                {"zdict", "zstd"},
                                                {"xxh", "xxhash"},
                                                {"curl/", "curl"},
                                                {"seccomp", "seccomp"},
                                                {"sys/capability", "capabilities"},
                                                {"archive", "archive"},
                                                {"tsl/", "robin_map"},
                                                {"bpf/", "bpf"},
                                                {"gsasl", "gsasl"},
                                                {"gtest/", "gtest"},
                                                {"gmock/", "gtest"},
                                                {"benchmark/", "benchmark"}}};

// Folders of system headers; what lies in another one belongs to some library.
constexpr std::array<std::string_view, 8> system_folders = {"sys/", "linux/", "netinet/", "arpa/",
                                                            "net/", "asm/",   "bits/",    "tl/"};

// The layer that a path of the tree belongs to, "" if the table does not speak of it.
std::string layer_of_file(const std::string& path) {
  static const Pattern sdk("sdk/(?:include/mesolite|src)/([a-z]+)/.*");
  static const Pattern kernel("(kernel/[a-z]+)/.*");
  static const Pattern framework("(frameworks/[^/]+)/.*");
  if (path.starts_with("sdk/src/codec")) return "protocol";
  if (path.starts_with("sdk/net/")) return "net";
  if (path.starts_with("sdk/detection/")) return "detection";
  if (path.starts_with("modules/")) return "modules";
  for (const Pattern* pattern : {&sdk, &kernel, &framework}) {
    const Pattern::Groups match = pattern->match(path);
    if (!match.empty()) return match[1];
  }
  return "";
}

// The layer that an #include names, "" if it is not one of ours.
std::string layer_of_include(const std::string& header) {
  if (header.starts_with("mesolite/")) return layer_of_file("sdk/include/" + header);
  return layer_of_file(header);
}

// The library that an #include names, "" for the standard library and the system.
std::string library_of(const std::string& header) {
  for (const Library& library : libraries) {
    if (header.starts_with(library.header_prefix)) return std::string(library.name);
  }
  const bool of_system =
      std::any_of(system_folders.begin(), system_folders.end(),
                  [&](std::string_view folder) { return header.starts_with(folder); });
  const bool standard = header.find('/') == std::string::npos && !header.ends_with(".hpp");
  return of_system || standard ? "" : header;
}

bool allows(const Names& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view allowed) {
    return allowed == name || allowed == "any" ||
           (allowed.ends_with('/') && name.starts_with(allowed));
  });
}

const Row* row_of(std::string_view layer) {
  for (const Row& row : table()) {
    if (allows({row.layer}, layer)) return &row;
  }
  return nullptr;
}

// Whether others may include it, and so learn what it includes.
bool is_shown(const SourceFile& file) {
  return file.header() && !file.path.starts_with("sdk/src/");
}

// Why `file` may not include `header`; "" if it may.
std::string objection(const SourceFile& file, const Row& row, const std::string& layer,
                      const std::string& header) {
  const std::string theirs = layer_of_include(header);
  if (!theirs.empty()) {
    const bool allowed = theirs == layer || allows(row.ours, theirs) ||
                         (!is_shown(file) && allows(row.ours_in_cpp, theirs));
    return allowed ? "" : layer + " may not know " + theirs;
  }
  const std::string library = library_of(header);
  if (library.empty()) return "";
  const bool allowed = allows(row.third_party, library) ||
                       (!file.header() && allows(row.third_party_in_cpp, library));
  return allowed ? "" : layer + (file.header() ? " headers" : "") + " may not use " + library;
}

}  // namespace

Findings check_includes(const SourceFile& file) {
  static const Pattern angled("\\s*#\\s*include\\s*<([^>]+)>.*");
  static const Pattern quoted("\\s*#\\s*include\\s*\"([^\"]+)\".*");
  const std::string layer = layer_of_file(file.path);
  if (layer.empty()) return {};
  const Row* row = row_of(layer);
  if (row == nullptr) {
    return {{"include", file.path, 0, layer,
             "the include table has no row for this folder: see tests/tidy/includes.cpp"}};
  }
  Findings findings;
  for (std::size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i].find('#') == std::string::npos) continue;  // patterns are slow
    const bool is_quoted = quoted.matches(file.text[i]);
    const Pattern::Groups match = (is_quoted ? quoted : angled).match(file.text[i]);
    if (match.empty()) continue;
    const std::string& header = match[1];
    // A quoted name without a folder is a neighbour.
    if (is_quoted && header.find('/') == std::string::npos) continue;
    const std::string why = objection(file, *row, layer, header);
    if (why.empty()) continue;
    findings.push_back({"include", file.path, static_cast<int>(i) + 1, header,
                        "includes " + header + ", but " + why +
                            ": move the code, or the knowledge, to where it belongs"});
  }
  return findings;
}

}  // namespace mesolite::tidy
