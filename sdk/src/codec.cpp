// The wire's msgpack. Nothing else in the tree knows msgpack; modules carry a copy of this file.
#include "mesolite/protocol/codec.hpp"

#include <msgpack.hpp>

#include <exception>

namespace mesolite {
namespace {

// What msgpack::packer writes to.
struct StringSink {
  std::string& out;
  void write(const char* data, std::size_t size) { out.append(data, size); }
};

class MsgpackWriter final : public Writer {
 public:
  MsgpackWriter(std::string& out, StructForm form) : sink_{out}, packer_(sink_), form_(form) {}

  void nil() override { packer_.pack_nil(); }
  void boolean(bool value) override { value ? packer_.pack_true() : packer_.pack_false(); }
  void integer(std::int64_t value) override { packer_.pack_int64(value); }
  void natural(std::uint64_t value) override { packer_.pack_uint64(value); }
  void number(double value) override { packer_.pack_double(value); }
  void text(std::string_view value) override {
    packer_.pack_str(narrow(value.size()));
    packer_.pack_str_body(value.data(), narrow(value.size()));
  }
  void bytes(std::string_view value) override {
    packer_.pack_bin(narrow(value.size()));
    packer_.pack_bin_body(value.data(), narrow(value.size()));
  }
  void begin_struct(std::size_t fields) override {
    form_ == StructForm::map ? begin_map(fields) : begin_list(fields);
  }
  void field(std::string_view name) override {
    if (form_ == StructForm::map) text(name);
  }
  void end_struct() override {}
  void begin_list(std::size_t size) override { packer_.pack_array(narrow(size)); }
  void end_list() override {}
  void begin_map(std::size_t size) override { packer_.pack_map(narrow(size)); }
  void end_map() override {}

 private:
  static std::uint32_t narrow(std::size_t size) { return static_cast<std::uint32_t>(size); }

  StringSink sink_;
  msgpack::packer<StringSink> packer_;
  StructForm form_;
};

ValueKind kind_of(const msgpack::object& object) {
  switch (object.type) {
    case msgpack::type::NIL:
      return ValueKind::nil;
    case msgpack::type::BOOLEAN:
      return ValueKind::boolean;
    case msgpack::type::POSITIVE_INTEGER:
    case msgpack::type::NEGATIVE_INTEGER:
      return ValueKind::integer;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      return ValueKind::number;
    case msgpack::type::STR:
      return ValueKind::text;
    case msgpack::type::ARRAY:
      return ValueKind::list;
    case msgpack::type::MAP:
      return ValueKind::map;
    default:
      return ValueKind::bytes;
  }
}

constexpr std::string_view kind_names[] = {"nothing", "boolean", "integer", "number",
                                           "text",    "bytes",   "list",    "map"};

std::string_view kind_name(ValueKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

// The number of continuation bytes that a UTF-8 lead byte asks for, or -1.
int continuation_count(unsigned char lead) {
  if (lead < 0x80) return 0;
  if (lead >= 0xC2 && lead < 0xE0) return 1;
  if (lead >= 0xE0 && lead < 0xF0) return 2;
  return lead >= 0xF0 && lead < 0xF5 ? 3 : -1;
}

// Well-formed as in Unicode 15, table 3-7, but for surrogates and overlong three- and four-byte
// forms being told by the second byte.
bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = continuation_count(lead);
    if (more < 0 || text.size() - i <= static_cast<std::size_t>(more)) return false;
    const auto second = more > 0 ? static_cast<unsigned char>(text[i + 1]) : 0x80;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    for (int k = 1; k <= more; ++k) {
      const auto byte = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((byte & 0xC0) != 0x80) return false;
    }
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

class MsgpackReader final : public Reader {
 public:
  MsgpackReader(std::string_view in, StructForm form, const DecodeLimits& limits)
      : named_(form == StructForm::map) {
    try {
      std::size_t offset = 0;
      const auto refer = [](msgpack::type::object_type, std::size_t, void*) { return true; };
      bool referenced = false;
      handle_ = msgpack::unpack(
          in.data(), in.size(), offset, referenced, refer, nullptr,
          msgpack::unpack_limit(limits.list_max, limits.list_max, limits.text_bytes_max,
                                limits.text_bytes_max, 0, limits.depth_max));
      if (offset != in.size()) fail("bytes follow the value");
    } catch (const std::exception& problem) {
      fail(std::string("not a msgpack value within limits (") + problem.what() + ")");
    }
    levels_.push_back({&handle_.get(), nullptr, 1, 0, false});
  }

  ValueKind kind() override {
    const msgpack::object* object = peek();
    return object == nullptr ? ValueKind::nil : kind_of(*object);
  }
  void skip() override { take(); }

  bool boolean() override {
    const msgpack::object* object = take(ValueKind::boolean);
    return object != nullptr && object->via.boolean;
  }
  std::int64_t integer() override {
    const msgpack::object* object = take(ValueKind::integer);
    if (object == nullptr) return 0;
    if (object->type == msgpack::type::NEGATIVE_INTEGER) return object->via.i64;
    if (!std::in_range<std::int64_t>(object->via.u64)) fail("number out of range");
    return static_cast<std::int64_t>(object->via.u64);
  }
  std::uint64_t natural() override {
    const msgpack::object* object = take(ValueKind::integer);
    if (object == nullptr) return 0;
    if (object->type == msgpack::type::NEGATIVE_INTEGER) fail("number is negative");
    return object->via.u64;
  }
  double number() override {
    if (kind() == ValueKind::integer) return whole_number();
    const msgpack::object* object = take(ValueKind::number);
    return object == nullptr ? 0 : object->via.f64;
  }
  std::string_view text() override {
    const msgpack::object* object = take(ValueKind::text);
    if (object == nullptr) return {};
    const std::string_view value(object->via.str.ptr, object->via.str.size);
    if (!valid_utf8(value)) fail("text is not UTF-8");
    return value;
  }
  std::string_view bytes() override {
    const msgpack::object* object = take(ValueKind::bytes);
    return object == nullptr ? std::string_view()
                             : std::string_view(object->via.bin.ptr, object->via.bin.size);
  }

  void begin_struct() override { named_ ? begin_map() : begin_list(); }
  bool field(std::string_view name) override {
    Level& level = levels_.back();
    if (failed() || !named_) return !failed() && level.next < level.size;
    for (std::size_t i = 0; i < level.size; ++i) {
      const msgpack::object& key = level.pairs[i].key;
      if (key.type != msgpack::type::STR) continue;
      if (std::string_view(key.via.str.ptr, key.via.str.size) != name) continue;
      level.next = i;
      level.at_value = true;
      return true;
    }
    return false;
  }
  void end_struct() override { levels_.pop_back(); }

  std::size_t begin_list() override {
    const msgpack::object* object = take(ValueKind::list);
    const std::size_t size = object == nullptr ? 0 : object->via.array.size;
    levels_.push_back(
        {object == nullptr ? nullptr : object->via.array.ptr, nullptr, size, 0, false});
    return size;
  }
  void end_list() override { levels_.pop_back(); }
  std::size_t begin_map() override {
    const msgpack::object* object = take(ValueKind::map);
    const std::size_t size = object == nullptr ? 0 : object->via.map.size;
    levels_.push_back({nullptr, object == nullptr ? nullptr : object->via.map.ptr, size, 0, false});
    return size;
  }
  void end_map() override { levels_.pop_back(); }

 private:
  // A list (or the whole input) or a map that is being read.
  struct Level {
    const msgpack::object* items;
    const msgpack::object_kv* pairs;
    std::size_t size;
    std::size_t next;
    bool at_value;  // of the pair `next`
  };

  const msgpack::object* peek() {
    const Level& level = levels_.back();
    if (failed() || level.next >= level.size) return nullptr;
    if (level.items != nullptr) return level.items + level.next;
    const msgpack::object_kv& pair = level.pairs[level.next];
    return level.at_value ? &pair.val : &pair.key;
  }

  const msgpack::object* take() {
    const msgpack::object* object = peek();
    if (object == nullptr) {
      fail("a value is missing");
      return nullptr;
    }
    Level& level = levels_.back();
    if (level.items == nullptr) level.at_value = !level.at_value;
    if (!level.at_value) ++level.next;
    return object;
  }

  const msgpack::object* take(ValueKind expected) {
    const msgpack::object* object = take();
    if (object == nullptr) return nullptr;
    const ValueKind actual = kind_of(*object);
    if (actual == expected) return object;
    fail("expected " + std::string(kind_name(expected)) + ", got " +
         std::string(kind_name(actual)));
    return nullptr;
  }

  double whole_number() {
    const msgpack::object* object = take();
    return object->type == msgpack::type::NEGATIVE_INTEGER ? static_cast<double>(object->via.i64)
                                                           : static_cast<double>(object->via.u64);
  }

  bool named_;
  msgpack::object_handle handle_;
  std::vector<Level> levels_;
};

}  // namespace

std::unique_ptr<Writer> msgpack_writer(std::string& out, StructForm form) {
  return std::make_unique<MsgpackWriter>(out, form);
}

std::unique_ptr<Reader> msgpack_reader(std::string_view in, StructForm form,
                                       const DecodeLimits& limits) {
  return std::make_unique<MsgpackReader>(in, form, limits);
}

}  // namespace mesolite
