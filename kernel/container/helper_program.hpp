// The main() of a helper that carries out one order (helper.hpp has the agent's side).
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

#include "mesolite/protocol/codec.hpp"

namespace mesolite::container {

// The order is all of standard input. What `carry_out` makes of it goes to the descriptor `answer`.
// Returns the exit status; one that was not started by an agent says so.
template <class Order, class CarryOut>
int run_helper_program(const char* name, int answer, CarryOut carry_out) {
  constexpr int exit_usage = 64;
  std::string text;
  char piece[4096];
  for (ssize_t count; (count = ::read(STDIN_FILENO, piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(count));
  }
  const auto order = decode<Order>(text);
  if (!order) {
    std::fprintf(stderr, "%s is started by an agent, with an order on standard input\n", name);
    return exit_usage;
  }
  const std::string encoded = encode(carry_out(*order));
  const ssize_t written = ::write(answer, encoded.data(), encoded.size());
  return written == static_cast<ssize_t>(encoded.size()) ? 0 : 1;
}

}  // namespace mesolite::container
