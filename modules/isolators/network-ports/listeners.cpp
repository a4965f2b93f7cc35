#include "listeners.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "mesolite/base/text.hpp"

namespace mesolite::network_ports {
namespace {

namespace fs = std::filesystem;

// Columns of /proc/net/tcp: "sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout
// inode"
constexpr std::size_t local_address = 1;
constexpr std::size_t state = 3;
constexpr std::size_t inode = 9;
constexpr std::string_view listening = "0A";
constexpr int hexadecimal = 16;
constexpr std::string_view socket_prefix = "socket:[";

template <class Number>
bool read_number(std::string_view text, Number& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size();
}

void add_listener(const std::string& line, std::map<std::uint64_t, std::uint16_t>& sockets) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  if (words.size() <= inode || words[state] != listening) return;
  const auto colon = words[local_address].rfind(':');
  std::uint16_t port = 0;
  std::uint64_t socket = 0;
  if (colon != std::string_view::npos &&
      read_number(words[local_address].substr(colon + 1), port, hexadecimal) &&
      read_number(words[inode], socket)) {
    sockets[socket] = port;
  }
}

std::string link_target(const fs::path& path) {
  std::error_code error;
  return fs::read_symlink(path, error).string();
}

}  // namespace

std::map<std::uint64_t, std::uint16_t> listening_sockets(const std::string& proc,
                                                         std::int64_t process) {
  std::map<std::uint64_t, std::uint16_t> sockets;
  for (const char* table : {"tcp", "tcp6"}) {
    std::ifstream file(fs::path(proc) / std::to_string(process) / "net" / table);
    for (std::string line; std::getline(file, line);) add_listener(line, sockets);
  }
  return sockets;
}

std::set<std::uint64_t> open_sockets(const std::string& proc, std::int64_t process) {
  std::set<std::uint64_t> sockets;
  std::error_code error;
  const fs::path folder = fs::path(proc) / std::to_string(process) / "fd";
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string target = link_target(entry->path());
    if (!target.starts_with(socket_prefix) || !target.ends_with(']')) continue;
    target.pop_back();
    std::uint64_t socket = 0;
    if (read_number(std::string_view(target).substr(socket_prefix.size()), socket)) {
      sockets.insert(socket);
    }
  }
  return sockets;
}

bool shares_network(const std::string& proc, std::int64_t process) {
  const std::string theirs = link_target(fs::path(proc) / std::to_string(process) / "ns" / "net");
  return !theirs.empty() && theirs == link_target(fs::path(proc) / "self" / "ns" / "net");
}

}  // namespace mesolite::network_ports
