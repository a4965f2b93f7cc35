// How values walk through a Writer and out of a Reader: one pair of functions for each kind of
// value that a described struct may have as a member.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mesolite/base/attributes.hpp"
#include "mesolite/base/bytes.hpp"
#include "mesolite/base/ids.hpp"
#include "mesolite/base/resources.hpp"
#include "mesolite/base/time.hpp"
#include "mesolite/protocol/fields.hpp"
#include "mesolite/protocol/format.hpp"

namespace mesolite {

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
  // Room for what is said to come, as far as that may be believed before it has been read.
  constexpr std::size_t believed_max = 1'024;
  const std::size_t size = reader.begin_list();
  values.clear();
  values.reserve(std::min(size, believed_max));
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

template <Described T>
void read_value(Reader& reader, T& object) {
  reader.begin_struct();
  for_each_field(object, [&](std::string_view name, auto& member) {
    if (!reader.field(name)) return;
    reader.enter(name);
    read_value(reader, member);
    reader.leave();
  });
  reader.end_struct();
}

}  // namespace mesolite
