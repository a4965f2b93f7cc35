// ProgramServer: the driver's own executable, where agents fetch it for their workers. Its path is
// what the file holds, so what an agent keeps of it can never be another build. What is served was
// mapped when the driver began: a new build over the old one changes nothing for this run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "frameworks/mini-spark/face/http_server.hpp"
#include "mesolite/protocol/task.hpp"

namespace mesolite::spark {

class ProgramServer {
 public:
  static Result<std::unique_ptr<ProgramServer>> start(const std::string& ip);

  // Runs the executable, once it has been fetched, with these arguments.
  CommandInfo command(const std::vector<std::string>& arguments) const;

 private:
  ProgramServer() = default;

  Uri uri_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace mesolite::spark
