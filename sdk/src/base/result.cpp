#include "mesolite/base/result.hpp"

#include <system_error>

namespace mesolite {

tl::unexpected<Error> system_failure(std::string_view what, int error_number) {
  return failure(std::string(what) + ": " + std::generic_category().message(error_number));
}

}  // namespace mesolite
