// PageServer: the application's own page: stages and their graph, a time line of tasks, executors,
// what is cached. It draws itself from the event log, so a finished run is replayed by opening its
// file in the same page.
//
//   GET /         the page
//   GET /events   the event log
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "frameworks/mini-spark/face/event_log.hpp"
#include "mesolite/base/result.hpp"

namespace mesolite::spark {

class PageServer {
 public:
  // Serves on loopback, one request at a time. `log` outlives the server.
  static Result<std::unique_ptr<PageServer>> start(std::uint16_t port, const EventLog& log);
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  PageServer(int descriptor, std::uint16_t port, const EventLog& log);
  void serve();
  void answer(int connection) const;

  const int descriptor_;
  const std::uint16_t port_;
  const EventLog& log_;
  std::thread thread_;
};

// The page itself, one HTML file without anything from elsewhere.
std::string_view page_html();

}  // namespace mesolite::spark
