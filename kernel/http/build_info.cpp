#include "kernel/http/build_info.hpp"

namespace mesolite::http {

std::string_view build_date() {
  return MESOLITE_BUILD_DATE;
}

std::int64_t build_time() {
  return MESOLITE_BUILD_TIME;
}

}  // namespace mesolite::http
