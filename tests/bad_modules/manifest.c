// An allocator in plain C that answers with nothing to everything, and has one thing wrong, chosen
// by a definition. Without any it is good.
#include "mesolite/module/manifest.h"

#ifndef SYMBOL
#define SYMBOL mesolite_module
#endif
#ifndef RESULT
#define RESULT &manifest
#endif
#ifndef MAGIC
#define MAGIC MESOLITE_MODULE_MAGIC
#endif
#ifndef SIZE
#define SIZE sizeof(mesolite_manifest)
#endif
#ifndef ABI
#define ABI MESOLITE_MODULE_ABI
#endif
#ifndef KIND
#define KIND "allocator"
#endif
#ifndef INTERFACE
#define INTERFACE 1
#endif
#ifndef NAME
#define NAME "bad"
#endif
#ifndef SUMMARY
#define SUMMARY "Broken on purpose."
#endif
#ifndef PARAMETERS
#define PARAMETERS none
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef CALL
#define CALL call
#endif
#ifndef DESTROY
#define DESTROY destroy
#endif

static const uint8_t none[] = {0x80};           // an empty map
static const uint8_t garbage[] = {0xdf, 0xff};  // the beginning of a large map
static int instances;

static void say(mesolite_sink* out, const char* text, size_t size) {
  out->write(out->context, (const uint8_t*)text, size);
}

#define UNUSED __attribute__((unused))

UNUSED static int32_t create(mesolite_bytes parameters, const mesolite_host* host, void** instance,
                             mesolite_sink* out) {
  (void)parameters, (void)host, (void)out;
  *instance = &instances;
  return MESOLITE_OK;
}
UNUSED static int32_t create_refuses(mesolite_bytes parameters, const mesolite_host* host,
                                     void** instance, mesolite_sink* out) {
  (void)parameters, (void)host, (void)instance;
  say(out, "not on a Monday", 15);
  return MESOLITE_FAILED;
}
UNUSED static int32_t create_refuses_silently(mesolite_bytes parameters, const mesolite_host* host,
                                              void** instance, mesolite_sink* out) {
  (void)parameters, (void)host, (void)instance, (void)out;
  return MESOLITE_FAILED;
}
UNUSED static int32_t create_nothing(mesolite_bytes parameters, const mesolite_host* host,
                                     void** instance, mesolite_sink* out) {
  (void)parameters, (void)host, (void)instance, (void)out;
  return MESOLITE_OK;
}

UNUSED static int32_t call(void* instance, uint32_t method, mesolite_bytes in, mesolite_sink* out) {
  (void)instance, (void)method, (void)in;
  say(out, "\x90", 1);  // an empty list: an answer whose fields all have their defaults
  return MESOLITE_OK;
}
UNUSED static int32_t call_garbage(void* instance, uint32_t method, mesolite_bytes in,
                                   mesolite_sink* out) {
  (void)instance, (void)method, (void)in;
  say(out, "\xdd\xff\xff\xff\xff", 5);
  return MESOLITE_OK;
}
UNUSED static int32_t call_nothing(void* instance, uint32_t method, mesolite_bytes in,
                                   mesolite_sink* out) {
  (void)instance, (void)method, (void)in, (void)out;
  return MESOLITE_OK;
}
UNUSED static int32_t call_too_much(void* instance, uint32_t method, mesolite_bytes in,
                                    mesolite_sink* out) {
  (void)instance, (void)method, (void)in;
  say(out, "\x90", (size_t)-1);
  return MESOLITE_OK;
}
UNUSED static int32_t call_odd_status(void* instance, uint32_t method, mesolite_bytes in,
                                      mesolite_sink* out) {
  (void)instance, (void)method, (void)in, (void)out;
  return 7;
}
UNUSED static int32_t call_unprintable(void* instance, uint32_t method, mesolite_bytes in,
                                       mesolite_sink* out) {
  (void)instance, (void)method, (void)in;
  say(out, "two\nlines\x1b[31m", 14);
  return MESOLITE_FAILED;
}

UNUSED static void destroy(void* instance) {
  (void)instance;
}

#ifdef UNRESOLVED
int a_function_that_nobody_has(void);
#endif

static mesolite_manifest manifest = {.magic = MAGIC,
                                     .size = SIZE,
                                     .abi_version = ABI,
                                     .kind = KIND,
                                     .interface_version = INTERFACE,
                                     .name = NAME,
                                     .version = "1.0.0",
                                     .summary = SUMMARY,
                                     .author = "",
                                     .create = CREATE,
                                     .call = CALL,
                                     .destroy = DESTROY};

const mesolite_manifest* SYMBOL(void);
const mesolite_manifest* SYMBOL(void) {
#ifdef UNRESOLVED
  instances = a_function_that_nobody_has();
#endif
  const uint8_t* parameters = PARAMETERS;
  manifest.parameters.data = parameters;
  manifest.parameters.size = parameters == garbage ? sizeof garbage : sizeof none;
  return RESULT;
}
