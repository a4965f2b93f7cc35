// PipedCommand: a shell command that is fed on its standard input while its output is taken line by
// line, in one thread: neither side can block the other for good, however much each writes before
// it reads.
//
// Owned and used by one thread, which gets SIGPIPE blocked. The command runs in a process group of
// its own, which is killed if it has not ended by then.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "mesolite/base/result.hpp"

namespace mesolite::hadoop {

class PipedCommand {
 public:
  // Takes a line without its LF.
  using TakeLine = std::function<Status(std::string_view line)>;

  struct Options {
    std::string command;  // for /bin/sh -c
    std::string directory;
    std::vector<std::string> environment;  // "NAME=VALUE", added to this process's own
    TakeLine output;
    TakeLine errors;
    std::stop_token stop;
  };

  static Result<std::unique_ptr<PipedCommand>> start(Options options);
  ~PipedCommand();
  PipedCommand(const PipedCommand&) = delete;
  PipedCommand& operator=(const PipedCommand&) = delete;

  // Some of it may be kept back until the next write() or finish(). What a command that has closed
  // its input does not want is dropped: its exit status decides.
  Status write(std::string_view bytes);
  // Ends the input, takes all output and waits for the end. Fails if the command did.
  Status finish();

 private:
  struct Stream {
    int descriptor = -1;
    std::string partial;  // a line whose end has not come
    TakeLine take;
  };

  explicit PipedCommand(Options options);
  Status spawn();
  Status pump(std::size_t keep);
  Status take_from(Stream& stream);
  Status take_lines(Stream& stream, std::string_view bytes);
  bool give();

  Options options_;
  pid_t child_ = -1;
  int input_ = -1;
  std::string pending_;  // for the input
  std::array<Stream, 2> streams_;
};

}  // namespace mesolite::hadoop
