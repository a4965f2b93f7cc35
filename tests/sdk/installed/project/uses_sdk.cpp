// Packs and unpacks a struct of its own: links the installed archives.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mesolite/protocol/codec.hpp"

struct Greeting {
  std::string text;
  std::int64_t times = 0;
  MESOLITE_FIELDS(text, times);
};

int main() {
  Greeting greeting;
  greeting.text = "hello";
  greeting.times = 3;
  const auto read = mesolite::decode<Greeting>(mesolite::encode(greeting));
  return read && read->text == "hello" && read->times == 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}
