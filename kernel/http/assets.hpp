// The files of kernel/webui, embedded at build time.
#pragma once

#include <span>
#include <string_view>

namespace mesolite::http {

struct Asset {
  std::string_view path;  // "/app.js"
  std::string_view content_type;
  std::string_view content;
};

// All of them; "/" is the page.
std::span<const Asset> assets();

}  // namespace mesolite::http
