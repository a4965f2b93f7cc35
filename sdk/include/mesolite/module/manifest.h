/* The border between Mesolite and a module, in plain C: nothing else crosses it.
 *
 * A module library exports one function, mesolite_module(), that returns a constant manifest.
 * Arguments and results of calls are SDK structs in msgpack, under the rules of the wire: surplus
 * fields are ignored, a missing one has its default. So a module built by another compiler, or
 * against an older or a newer release, loads. Authors see none of this: see module.hpp. */
#ifndef MESOLITE_MODULE_MANIFEST_H
#define MESOLITE_MODULE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MESOLITE_MODULE_MAGIC UINT64_C(0x4554494c4f53454d) /* "MESOLITE", little endian */
#define MESOLITE_MODULE_ABI 1u
#define MESOLITE_MODULE_SYMBOL "mesolite_module"

/* Bytes that belong to the caller and live as long as the call. */
typedef struct mesolite_bytes {
  const uint8_t* data;
  size_t size;
} mesolite_bytes;

/* Where a call writes its answer; `write` may be called several times, pieces add up. */
typedef struct mesolite_sink {
  void* context;
  void (*write)(void* context, const uint8_t* data, size_t size);
} mesolite_sink;

/* What a module may ask of its host. Grows at its end; `size` says how far it goes. Outlives every
 * instance. Both functions may be called from any thread. */
typedef struct mesolite_host {
  uint32_t size;
  uint32_t version;
  void* context;
  /* severity: 0 debug, 1 info, 2 warning, 3 error */
  void (*log)(void* context, int32_t severity, const char* text, size_t size);
  /* Something happened that the kind's interface describes; the host calls back soon. */
  void (*notify)(void* context, const uint8_t* data, size_t size);
} mesolite_host;

enum { MESOLITE_OK = 0, MESOLITE_FAILED = 1 /* the sink holds a sentence, not msgpack */ };

typedef struct mesolite_manifest {
  uint64_t magic;
  uint32_t size;        /* of this struct, as the module was compiled */
  uint32_t abi_version; /* of this file */
  const char* kind;     /* "allocator", "isolator", "authenticator" */
  uint32_t interface_version; /* of the kind's methods */
  const char* name;
  const char* version; /* of the module */
  const char* summary; /* one sentence */
  const char* author;
  mesolite_bytes parameters; /* msgpack map: every parameter with its default value */

  /* MESOLITE_OK and an instance in *instance, or MESOLITE_FAILED and a sentence in `out`. */
  int32_t (*create)(mesolite_bytes parameters, const mesolite_host* host, void** instance,
                    mesolite_sink* out);
  int32_t (*call)(void* instance, uint32_t method, mesolite_bytes in, mesolite_sink* out);
  void (*destroy)(void* instance);
} mesolite_manifest;

/* const mesolite_manifest* mesolite_module(void); */
typedef const mesolite_manifest* (*mesolite_module_function)(void);

#ifdef __cplusplus
}
#endif

#endif
