#include "frameworks/mini-spark/ship/registration.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <stdexcept>
#include <unordered_set>

#include "frameworks/mini-spark/ship/image.hpp"

namespace mesolite::spark {
namespace {

// Made at the first registration, before main(); only read afterwards.
std::unordered_set<const Registration*>& registrations() {
  static std::unordered_set<const Registration*> all;
  return all;
}

}  // namespace

Registration::Registration(const std::type_info& type, Make maker) : make(maker), type_(type) {
  registrations().insert(this);
}

std::string type_text(const std::type_info& type) {
  int status = 0;
  char* const text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  const std::string name = text != nullptr ? text : type.name();
  std::free(text);
  return name;
}

std::uint64_t code_offset(std::uintptr_t address) {
  if (image().contains(address)) return address - image().base;
  throw std::runtime_error("a function of a shared library cannot be sent to workers");
}

std::uintptr_t code_address(std::uint64_t offset) {
  const std::uintptr_t address = image().base + offset;
  if (image().contains(address)) return address;
  throw std::runtime_error("this program has no function at offset " + std::to_string(offset));
}

std::string Registration::type() const {
  return type_text(type_);
}

Result<std::uint64_t> Registration::offset() const {
  const auto address = reinterpret_cast<std::uintptr_t>(this);
  if (!image().contains(address)) {
    return failure("'" + type() +
                   "' is of a shared library; only functions of the program itself "
                   "can be sent to workers");
  }
  return address - image().base;
}

Result<const Registration*> Registration::find(std::uint64_t offset) {
  const auto* const wanted = reinterpret_cast<const Registration*>(image().base + offset);
  if (registrations().contains(wanted)) return wanted;
  return failure("this program has no function at offset " + std::to_string(offset));
}

}  // namespace mesolite::spark
