// Apart from decoding, since each takes the compiler long.
#include "mesolite/protocol/messages.hpp"

namespace mesolite {

void encode_message(std::string& out, const Message& message) {
  std::visit([&out](const auto& value) { encode_to(out, value); }, message);
}

}  // namespace mesolite
