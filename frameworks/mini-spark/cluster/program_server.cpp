#include "frameworks/mini-spark/cluster/program_server.hpp"

#include <filesystem>
#include <utility>

#include "frameworks/mini-spark/engine/failures.hpp"
#include "frameworks/mini-spark/ship/image.hpp"

namespace mesolite::spark {
namespace {

constexpr const char* own_path = "/proc/self/exe";

Result<std::shared_ptr<const MappedPart>> map_program() {
  try {
    return MappedPart::map({own_path, 0, 0});
  } catch (const TaskFailure& error) {
    return failure(error.what());
  }
}

// The last part of its path, as people see it in lists of processes.
std::string program_name() {
  std::error_code error;
  std::string name = std::filesystem::read_symlink(own_path, error).filename().string();
  constexpr std::string_view gone = " (deleted)";
  if (name.ends_with(gone)) name.resize(name.size() - gone.size());
  const bool usable = !error && !name.empty() && name != "stdout" && name != "stderr";
  return usable ? name : "worker";
}

}  // namespace

Result<std::unique_ptr<ProgramServer>> ProgramServer::start(const std::string& ip) {
  const auto hash = content_hash();
  if (!hash) return tl::unexpected(hash.error());
  const auto program = map_program();
  if (!program) return tl::unexpected(program.error());
  const std::string path = "/" + *hash;
  const std::string tag = "\"" + *hash + "\"";
  auto server = HttpServer::start(
      ip, 0, [path, tag, file = *program](std::string_view wanted) -> std::optional<HttpAnswer> {
        if (wanted != path) return std::nullopt;
        return HttpAnswer{"application/octet-stream", "", tag, file};
      });
  if (!server) return tl::unexpected(server.error());
  std::unique_ptr<ProgramServer> served(new ProgramServer());
  served->uri_.value = "http://" + ip + ":" + std::to_string((*server)->port()) + path;
  served->uri_.executable = true;
  served->uri_.cache = true;
  served->uri_.output_file = program_name();
  served->server_ = std::move(*server);
  return served;
}

CommandInfo ProgramServer::command(const std::vector<std::string>& arguments) const {
  CommandInfo command;
  command.shell = false;
  command.value = "./" + uri_.output_file;
  command.arguments = {uri_.output_file};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.uris = {uri_};
  return command;
}

}  // namespace mesolite::spark
