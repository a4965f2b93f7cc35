// An allocator in plain C that misbehaves in its calls, in a way that only a process of its own
// survives; chosen by a definition. The descriptors are those of kernel/modules/frames.hpp.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mesolite/module/manifest.h"

#define UNUSED __attribute__((unused))
enum { CALLS = 3 };

static const uint8_t none[] = {0x80};  // an empty map
static const mesolite_host* host;

static int32_t say(mesolite_sink* out, const char* text, size_t size) {
  out->write(out->context, (const uint8_t*)text, size);
  return MESOLITE_OK;
}

static void put(const void* bytes, size_t size) {
  if (write(CALLS, bytes, size) != (ssize_t)size) _exit(99);
}

UNUSED static int32_t hang(mesolite_sink* out) {
  (void)out;
  for (;;) pause();
}
UNUSED static int32_t leave(mesolite_sink* out) {
  (void)out;
  _exit(7);
}
UNUSED static int32_t crash(mesolite_sink* out) {
  (void)out;
  signal(SIGSEGV, SIG_DFL);  // a sanitizer would make an exit of it
  raise(SIGSEGV);
  return MESOLITE_OK;
}
// The beginning of an answer of a hundred bytes, and no more of it.
UNUSED static int32_t cut_short(mesolite_sink* out) {
  (void)out;
  const uint32_t header[] = {100, 0};
  put(header, sizeof header);
  put("\x90", 1);
  _exit(0);
}
// The same, but it goes on living.
UNUSED static int32_t stop_half_way(mesolite_sink* out) {
  const uint32_t header[] = {100, 0};
  put(header, sizeof header);
  return hang(out);
}
UNUSED static int32_t oversized(mesolite_sink* out) {
  const uint32_t header[] = {UINT32_MAX, 0};
  put(header, sizeof header);
  return hang(out);
}
UNUSED static int32_t odd_status(mesolite_sink* out) {
  const uint32_t header[] = {0, 7};
  put(header, sizeof header);
  return hang(out);
}
UNUSED static int32_t close_calls(mesolite_sink* out) {
  close(CALLS);
  return hang(out);
}
UNUSED static int32_t talk(mesolite_sink* out) {
  host->log(host->context, 2, "a word from inside", 18);
  host->notify(host->context, (const uint8_t*)"look", 4);
  puts("chatter");
  return say(out, "\x90", 1);
}
// Answers with the number of an event descriptor that holds 5, as a sentence.
UNUSED static int32_t open_descriptor(mesolite_sink* out) {
  char text[16];
  const int size = snprintf(text, sizeof text, "%d", eventfd(5, 0));
  say(out, text, (size_t)size);
  return MESOLITE_FAILED;
}

static int instances;
static int32_t create(mesolite_bytes parameters, const mesolite_host* table, void** instance,
                      mesolite_sink* out) {
  (void)parameters, (void)out;
  host = table;
  *instance = &instances;
  return MESOLITE_OK;
}
static int32_t call(void* instance, uint32_t method, mesolite_bytes in, mesolite_sink* out) {
  (void)instance, (void)method, (void)in;
  return CALLING(out);
}
static void destroy(void* instance) {
  (void)instance;
}

static const mesolite_manifest manifest = {.magic = MESOLITE_MODULE_MAGIC,
                                           .size = sizeof(mesolite_manifest),
                                           .abi_version = MESOLITE_MODULE_ABI,
                                           .kind = "allocator",
                                           .interface_version = 1,
                                           .name = "calling",
                                           .version = "1.0.0",
                                           .summary = "Broken on purpose.",
                                           .author = "",
                                           .parameters = {none, sizeof none},
                                           .create = create,
                                           .call = call,
                                           .destroy = destroy};

const mesolite_manifest* mesolite_module(void);
const mesolite_manifest* mesolite_module(void) {
  return &manifest;
}
