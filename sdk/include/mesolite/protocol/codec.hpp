// Writer and Reader: the two halves of every format in which described structs travel, and the
// functions that walk a value through them.
//
// encode() and decode() at the end are the wire's msgpack. decode() is the border to the outside:
// it bounds depth and sizes, takes no trailing bytes, never throws, and names the field that is
// wrong: "task.resources.cpus: expected integer, got text".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/base/attributes.hpp"
#include "mesolite/base/bytes.hpp"
#include "mesolite/base/ids.hpp"
#include "mesolite/base/resources.hpp"
#include "mesolite/base/result.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/protocol/fields.hpp"

namespace mesolite {

class Writer {
 public:
  virtual ~Writer() = default;
  virtual void nil() = 0;
  virtual void boolean(bool value) = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void natural(std::uint64_t value) = 0;
  virtual void number(double value) = 0;
  virtual void text(std::string_view value) = 0;
  virtual void bytes(std::string_view value) = 0;
  virtual void begin_struct(std::size_t fields) = 0;
  virtual void field(std::string_view name) = 0;  // before each value of a struct
  virtual void end_struct() = 0;
  virtual void begin_list(std::size_t size) = 0;
  virtual void end_list() = 0;
  virtual void begin_map(std::size_t size) = 0;  // then key text, value, key text, value, …
  virtual void end_map() = 0;
};

enum class ValueKind : std::uint8_t { nil, boolean, integer, number, text, bytes, list, map };

// Reads values in the order in which they were written. The first failure sticks: every later call
// returns an empty value at once, and error() says what was wrong and where.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual ValueKind kind() = 0;  // of the value that comes next
  virtual void skip() = 0;       // steps over it
  virtual bool boolean() = 0;
  virtual std::int64_t integer() = 0;
  virtual std::uint64_t natural() = 0;
  virtual double number() = 0;
  virtual std::string_view text() = 0;   // valid as long as the input
  virtual std::string_view bytes() = 0;  // valid as long as the input
  virtual std::size_t begin_list() = 0;
  virtual void end_list() = 0;  // steps over what was not read
  virtual std::size_t begin_map() = 0;
  virtual void end_map() = 0;
  // Whether structs are read by name from maps instead of in order from lists.
  virtual bool named() const = 0;

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  // Records "path: problem" unless something failed before.
  void fail(std::string_view problem);
  void enter(std::string_view name) { path_.push_back(name); }
  void enter(std::size_t) { path_.push_back({}); }
  void leave() { path_.pop_back(); }

 private:
  std::string error_;
  std::vector<std::string_view> path_;  // "" stands for a list item
};

// ---- values ------------------------------------------------------------------------------------

void write_value(Writer& writer, const Resources& value);
void read_value(Reader& reader, Resources& value);
void write_value(Writer& writer, const Attribute& value);
void read_value(Reader& reader, Attribute& value);

inline void write_value(Writer& writer, bool value) {
  writer.boolean(value);
}
inline void read_value(Reader& reader, bool& value) {
  value = reader.boolean();
}
inline void write_value(Writer& writer, double value) {
  writer.number(value);
}
inline void read_value(Reader& reader, double& value) {
  value = reader.number();
}
inline void write_value(Writer& writer, const std::string& value) {
  writer.text(value);
}
inline void read_value(Reader& reader, std::string& value) {
  value = reader.text();
}
inline void write_value(Writer& writer, const Bytes& value) {
  writer.bytes(value.data);
}
inline void read_value(Reader& reader, Bytes& value) {
  value.data = reader.bytes();
}

template <std::signed_integral I>
void write_value(Writer& writer, I value) {
  writer.integer(value);
}
template <std::unsigned_integral I>
void write_value(Writer& writer, I value) {
  writer.natural(value);
}
template <std::integral I>
void read_value(Reader& reader, I& value) {
  if constexpr (std::is_signed_v<I>) {
    const std::int64_t wide = reader.integer();
    if (!std::in_range<I>(wide)) return reader.fail("number out of range");
    value = static_cast<I>(wide);
  } else {
    const std::uint64_t wide = reader.natural();
    if (!std::in_range<I>(wide)) return reader.fail("number out of range");
    value = static_cast<I>(wide);
  }
}

template <NamedEnum E>
void write_value(Writer& writer, E value) {
  writer.natural(static_cast<std::uint64_t>(value));
}
template <NamedEnum E>
void read_value(Reader& reader, E& value) {
  const std::uint64_t number = reader.natural();
  value = number < enum_count<E>() ? static_cast<E>(number) : E{};
}

template <class Tag>
void write_value(Writer& writer, const TextId<Tag>& id) {
  writer.text(id.value);
}
template <class Tag>
void read_value(Reader& reader, TextId<Tag>& id) {
  id.value = reader.text();
}
template <class Tag>
void write_value(Writer& writer, const NumberId<Tag>& id) {
  writer.natural(id.value);
}
template <class Tag>
void read_value(Reader& reader, NumberId<Tag>& id) {
  id.value = reader.natural();
}

inline void write_value(Writer& writer, Duration value) {
  writer.integer(value.count());
}
inline void read_value(Reader& reader, Duration& value) {
  value = Duration(reader.integer());
}
inline void write_value(Writer& writer, Time value) {
  writer.integer(value.time_since_epoch().count());
}
inline void read_value(Reader& reader, Time& value) {
  value = Time(Duration(reader.integer()));
}

template <class T>
void write_value(Writer& writer, const std::optional<T>& value);
template <class T>
void read_value(Reader& reader, std::optional<T>& value);
template <class T>
void write_value(Writer& writer, const std::vector<T>& values);
template <class T>
void read_value(Reader& reader, std::vector<T>& values);
template <class T>
void write_value(Writer& writer, const std::map<std::string, T>& values);
template <class T>
void read_value(Reader& reader, std::map<std::string, T>& values);
template <Described T>
void write_value(Writer& writer, const T& object);
template <Described T>
void read_value(Reader& reader, T& object);

template <class T>
void write_value(Writer& writer, const std::optional<T>& value) {
  if (value) {
    write_value(writer, *value);
  } else {
    writer.nil();
  }
}

template <class T>
void read_value(Reader& reader, std::optional<T>& value) {
  if (reader.kind() == ValueKind::nil) {
    reader.skip();
    value.reset();
  } else {
    read_value(reader, value.emplace());
  }
}

template <class T>
void write_value(Writer& writer, const std::vector<T>& values) {
  writer.begin_list(values.size());
  for (const auto& value : values) write_value(writer, value);
  writer.end_list();
}

template <class T>
void read_value(Reader& reader, std::vector<T>& values) {
  const std::size_t size = reader.begin_list();
  values.clear();
  for (std::size_t i = 0; i < size && !reader.failed(); ++i) {
    reader.enter(i);
    read_value(reader, values.emplace_back());
    reader.leave();
  }
  reader.end_list();
}

template <class T>
void write_value(Writer& writer, const std::map<std::string, T>& values) {
  writer.begin_map(values.size());
  for (const auto& [key, value] : values) {
    writer.text(key);
    write_value(writer, value);
  }
  writer.end_map();
}

template <class T>
void read_value(Reader& reader, std::map<std::string, T>& values) {
  const std::size_t size = reader.begin_map();
  values.clear();
  for (std::size_t i = 0; i < size && !reader.failed(); ++i) {
    const std::string_view key = reader.text();
    const auto [entry, added] = values.try_emplace(std::string(key));
    if (!added) return reader.fail("key stands twice");
    reader.enter(key);
    read_value(reader, entry->second);
    reader.leave();
  }
  reader.end_map();
}

template <Described T>
void write_value(Writer& writer, const T& object) {
  writer.begin_struct(field_count<T>());
  for_each_field(object, [&](std::string_view name, const auto& member) {
    writer.field(name);
    write_value(writer, member);
  });
  writer.end_struct();
}

namespace detail {

template <Described T>
void read_named_field(Reader& reader, T& object, std::string_view key) {
  bool known = false;
  for_each_field(object, [&](std::string_view name, auto& member) {
    if (name != key || known) return;
    known = true;
    reader.enter(name);
    read_value(reader, member);
    reader.leave();
  });
  if (!known) reader.skip();
}

}  // namespace detail

template <Described T>
void read_value(Reader& reader, T& object) {
  if (reader.named()) {
    const std::size_t size = reader.begin_map();
    for (std::size_t i = 0; i < size && !reader.failed(); ++i) {
      const std::string_view key = reader.text();
      detail::read_named_field(reader, object, key);
    }
    return reader.end_map();
  }
  std::size_t left = reader.begin_list();
  for_each_field(object, [&](std::string_view name, auto& member) {
    if (left == 0 || reader.failed()) return;
    --left;
    reader.enter(name);
    read_value(reader, member);
    reader.leave();
  });
  reader.end_list();
}

// ---- the wire ----------------------------------------------------------------------------------

// What a decoder accepts at most. The defaults hold for every frame, checkpoint and module call.
struct DecodeLimits {
  std::size_t depth_max = 32;
  std::size_t list_max = 1'000'000;
  std::size_t text_bytes_max = 16u << 20;
};

enum class StructForm : std::uint8_t {
  list,  // in declared order: the wire
  map,   // by name: parameters of modules
};

// A msgpack writer that appends to `out`, and a reader over `in` (both outlive it).
std::unique_ptr<Writer> msgpack_writer(std::string& out, StructForm form = StructForm::list);
// A reader that has failed already if `in` is not exactly one well-formed value within limits.
std::unique_ptr<Reader> msgpack_reader(std::string_view in, StructForm form = StructForm::list,
                                       const DecodeLimits& limits = {});

template <class T>
void encode_to(std::string& out, const T& value, StructForm form = StructForm::list) {
  write_value(*msgpack_writer(out, form), value);
}

template <class T>
std::string encode(const T& value, StructForm form = StructForm::list) {
  std::string out;
  encode_to(out, value, form);
  return out;
}

// A fresh value each time: nothing of an earlier message shines through.
template <class T>
Result<T> decode(std::string_view in, StructForm form = StructForm::list) {
  T value{};
  const auto reader = msgpack_reader(in, form);
  if (!reader->failed()) read_value(*reader, value);
  if (reader->failed()) return failure(reader->error());
  return value;
}

}  // namespace mesolite
