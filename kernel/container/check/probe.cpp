#include "kernel/container/check/probe.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace mesolite::container {
namespace {

constexpr int exit_not_executed = 127;

// Not open, with errno set: nobody listens.
Descriptor connect_to(std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&v4), sizeof v4) == 0) return socket;
  const int error = errno;
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  socket = Descriptor(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&v6), sizeof v6) == 0) return socket;
  errno = error;
  return Descriptor();
}

CheckOutcome not_connected(std::uint16_t port, int error) {
  return {false, "cannot connect to port " + std::to_string(port) + ": " + std::strerror(error)};
}

// The first line of an answer: "HTTP/1.1 200 OK".
std::string first_line(const Descriptor& socket) {
  std::string text;
  std::array<char, 512> piece;
  constexpr std::size_t line_bytes_max = 4096;
  while (text.find('\n') == text.npos && text.size() < line_bytes_max) {
    const ssize_t count = ::recv(socket.get(), piece.data(), piece.size(), 0);
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text.substr(0, text.find_first_of("\r\n"));
}

int status_in(const std::string& line) {
  const auto blank = line.find(' ');
  int status = 0;
  if (!line.starts_with("HTTP/") || blank == line.npos) return 0;
  std::from_chars(line.data() + blank + 1, line.data() + line.size(), status);
  return status;
}

std::string exit_words(int status) {
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

[[noreturn]] void execute(const CommandInfo& command, const Likeness& likeness) {
  if (auto like = resemble(likeness); !like) ::_exit(exit_not_executed);
  std::vector<std::string> variables = likeness.environment;
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  std::vector<std::string> words = {"sh", "-c", command.value};
  if (!command.shell) words = command.arguments;
  if (words.empty()) words = {command.value};
  std::vector<char*> environment;
  std::vector<char*> arguments;
  for (std::string& variable : variables) environment.push_back(variable.data());
  for (std::string& word : words) arguments.push_back(word.data());
  environment.push_back(nullptr);
  arguments.push_back(nullptr);
  const char* program = command.shell ? "/bin/sh" : command.value.c_str();
  ::execvpe(program, arguments.data(), environment.data());
  ::_exit(exit_not_executed);
}

}  // namespace

CheckOutcome probe_tcp(std::uint16_t port) {
  if (connect_to(port)) return {true, "port " + std::to_string(port) + " takes connections"};
  return not_connected(port, errno);
}

CheckOutcome probe_http(std::uint16_t port, const std::string& path) {
  const Descriptor socket = connect_to(port);
  if (!socket) return not_connected(port, errno);
  const std::string request = "GET " + (path.empty() ? "/" : path) +
                              " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) +
                              "\r\nUser-Agent: mesolite-check\r\nConnection: close\r\n\r\n";
  if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return not_connected(port, errno);
  }
  const int status = status_in(first_line(socket));
  if (status == 0) return {false, "the answer is not that of an HTTP server"};
  return {status >= 200 && status <= 399, "HTTP status " + std::to_string(status)};
}

CheckOutcome probe_command(const CommandInfo& command, const Likeness& likeness) {
  // The file for our answer is not the command's.
  ::fcntl(check_answer, F_SETFD, FD_CLOEXEC);
  const pid_t child = ::fork();
  if (child < 0) return {false, std::string("cannot start the command: ") + std::strerror(errno)};
  if (child == 0) execute(command, likeness);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return {WIFEXITED(status) && WEXITSTATUS(status) == 0, exit_words(status)};
}

}  // namespace mesolite::container
