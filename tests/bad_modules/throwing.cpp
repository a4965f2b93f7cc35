// Lets an exception out through the C border, as a module that does without the SDK could.
#include <stdexcept>

#include "mesolite/module/manifest.h"

namespace {

int instances;
const uint8_t none[] = {0x80};

int32_t create(mesolite_bytes, const mesolite_host*, void** instance, mesolite_sink*) {
  if (CREATE_THROWS) throw std::runtime_error("thrown by create");
  *instance = &instances;
  return MESOLITE_OK;
}
int32_t call(void*, uint32_t, mesolite_bytes, mesolite_sink*) {
  throw std::runtime_error("thrown by call");
}
void destroy(void*) {}

const mesolite_manifest manifest = {MESOLITE_MODULE_MAGIC,
                                    sizeof(mesolite_manifest),
                                    MESOLITE_MODULE_ABI,
                                    "allocator",
                                    1,
                                    "throwing",
                                    "1.0.0",
                                    "Throws through the border.",
                                    "",
                                    {none, sizeof none},
                                    &create,
                                    &call,
                                    &destroy};

}  // namespace

extern "C" __attribute__((visibility("default"))) const mesolite_manifest* mesolite_module() {
  return &manifest;
}
