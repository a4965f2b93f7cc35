// Tokens by which executors prove that they are who the agent started.
//
// A token is a keyed hash (SipHash-2-4, Aumasson and Bernstein 2012) of what it is for: whoever
// sees any number of tokens learns nothing of the others, and equal seeds give equal tokens.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mesolite::agent {

using TokenKey = std::array<std::uint64_t, 2>;

std::uint64_t siphash(const TokenKey& key, std::string_view text);

// 32 hexadecimal digits.
std::string make_token(const TokenKey& key, std::string_view purpose);

// 16 hexadecimal digits.
std::string hex_text(std::uint64_t number);

// Takes as long for a wrong guess as for the right one.
bool equal_tokens(std::string_view a, std::string_view b);

}  // namespace mesolite::agent
