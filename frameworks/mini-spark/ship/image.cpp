#include "frameworks/mini-spark/ship/image.hpp"

#include <elf.h>
#include <link.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "mesolite/data/file.hpp"

namespace mesolite::spark {
namespace {

std::string hexadecimal(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", bytes[i]);
    text += digits.data();
  }
  return text;
}

// Notes: name size, descriptor size, type, then both padded to four bytes.
std::string build_id_in(const unsigned char* at, const unsigned char* end) {
  const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
  while (at + sizeof(ElfW(Nhdr)) <= end) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof(note));
    const unsigned char* const name = at + sizeof(note);
    const unsigned char* const descriptor = name + padded(note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      return hexadecimal(descriptor, note.n_descsz);
    }
    at = descriptor + padded(note.n_descsz);
  }
  return {};
}

// Called for the executable first.
int visit(dl_phdr_info* info, std::size_t, void* data) {
  Image& found = *static_cast<Image*>(data);
  found.base = info->dlpi_addr;
  found.first = UINTPTR_MAX;
  for (std::size_t i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const std::uintptr_t start = info->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD) {
      found.first = std::min(found.first, start);
      found.last = std::max<std::uintptr_t>(found.last, start + part.p_memsz);
    }
    if (part.p_type == PT_NOTE && found.build_id.empty()) {
      const auto* const notes = reinterpret_cast<const unsigned char*>(start);
      found.build_id = build_id_in(notes, notes + part.p_memsz);
    }
  }
  return 1;  // the libraries do not matter
}

Image find_image() {
  Image found;
  dl_iterate_phdr(visit, &found);
  return found;
}

}  // namespace

const Image& image() {
  static const Image found = find_image();
  return found;
}

Result<std::string> identity() {
  if (!image().build_id.empty()) return "build-id-" + image().build_id;
  return content_hash();
}

Result<std::string> content_hash() {
  auto file = data::File::open("/proc/self/exe");
  if (!file) return tl::unexpected(file.error());
  XXH3_state_t* const state = XXH3_createState();
  XXH3_64bits_reset(state);
  std::string bytes(std::size_t{1} << 20, '\0');
  Result<std::size_t> got = 0;
  for (std::uint64_t at = 0; (got = file->read_at(at, bytes.data(), bytes.size())) && *got > 0;) {
    XXH3_64bits_update(state, bytes.data(), *got);
    at += *got;
  }
  const std::uint64_t hash = XXH3_64bits_digest(state);
  XXH3_freeState(state);
  if (!got) return tl::unexpected(got.error());
  return "xxh3-" + hexadecimal(reinterpret_cast<const unsigned char*>(&hash), sizeof(hash));
}

}  // namespace mesolite::spark
