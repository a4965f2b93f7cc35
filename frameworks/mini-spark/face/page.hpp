// The application's own page: stages and their graph, a time line of tasks, executors, what is
// cached. It draws itself from the event log, so a finished run is replayed by opening its file in
// the same page.
//
//   GET /         the page
//   GET /events   the event log; with ?from=N from that line on
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "frameworks/mini-spark/face/event_log.hpp"
#include "frameworks/mini-spark/face/http_server.hpp"

namespace mesolite::spark {

// On loopback. `log` outlives the server.
Result<std::unique_ptr<HttpServer>> serve_page(std::uint16_t port, const EventLog& log);

// The page itself, one HTML file without anything from elsewhere.
std::string_view page_html();

}  // namespace mesolite::spark
