#include "frameworks/mini-spark/face/page.hpp"

#include <charconv>
#include <string>

namespace mesolite::spark {
namespace {

constexpr std::string_view events_path = "/events";
constexpr std::string_view from_parameter = "?from=";

}  // namespace

Result<std::unique_ptr<HttpServer>> serve_page(std::uint16_t port, const EventLog& log) {
  return HttpServer::start(
      "127.0.0.1", port, [&log](std::string_view path) -> std::optional<HttpAnswer> {
        if (path == "/") return HttpAnswer{"text/html; charset=utf-8", std::string(page_html())};
        if (!path.starts_with(events_path)) return std::nullopt;
        path.remove_prefix(events_path.size());
        std::uint64_t from = 0;
        if (path.starts_with(from_parameter)) {
          path.remove_prefix(from_parameter.size());
          const char* const end = path.data() + path.size();
          path = {std::from_chars(path.data(), end, from).ptr, end};
        }
        if (!path.empty()) return std::nullopt;
        return HttpAnswer{"application/x-ndjson; charset=utf-8", log.text(from)};
      });
}

}  // namespace mesolite::spark
