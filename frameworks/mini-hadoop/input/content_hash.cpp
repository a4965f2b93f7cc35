#include "frameworks/mini-hadoop/input/content_hash.hpp"

#include <xxhash.h>

#include <array>
#include <cstdio>
#include <memory>

#include "mesolite/data/buffer.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t read_size = std::size_t{256} << 10;

}  // namespace

Result<std::string> content_hash(const std::string& path) {
  const auto file = data::File::open(path);
  if (!file) return tl::unexpected(file.error());
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  XXH3_128bits_reset(state.get());
  data::Buffer buffer(read_size);
  for (std::uint64_t at = 0;; at += read_size) {
    const auto got = file->read_at(at, buffer.data(), read_size);
    if (!got) return tl::unexpected(got.error());
    XXH3_128bits_update(state.get(), buffer.data(), *got);
    if (*got < read_size) break;
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  std::array<char, 33> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return std::string(digits.data());
}

}  // namespace mesolite::hadoop
