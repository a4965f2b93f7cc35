// The wire's msgpack: written by msgpack-cxx, read in place. Nothing else in the tree knows
// msgpack; modules carry a copy of this file.
#include "mesolite/protocol/codec.hpp"

#include <msgpack.hpp>

#include <bit>
#include <type_traits>
#include <utility>
#include <vector>

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

constexpr std::string_view kind_names[] = {"nothing", "boolean", "integer", "number",
                                           "text",    "bytes",   "list",    "map"};

std::string_view kind_name(ValueKind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

// The number of continuation bytes that a UTF-8 lead byte asks for, or -1.
int continuation_count(unsigned char lead) {
  if (lead >= 0xC2 && lead < 0xE0) return 1;
  if (lead >= 0xE0 && lead < 0xF0) return 2;
  return lead >= 0xF0 && lead < 0xF5 ? 3 : -1;
}

// Well-formed as in Unicode 15, table 3-7, but for surrogates and overlong three- and four-byte
// forms being told by the second byte.
bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
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

// What stands before a value: its kind and number, or how much follows it.
struct Head {
  ValueKind kind = ValueKind::nil;
  bool negative = false;     // of an integer
  std::uint64_t number = 0;  // integer or boolean (two's complement if negative)
  double real = 0;           // number
  std::size_t size = 0;      // bytes of a text, items of a list, pairs of a map
};

// Walks over msgpack in place. msgpack-cxx reads by building a tree of all values first; a launch
// or an update has twenty values, and the tree cost more than all else that happens to it.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool at_end() const { return rest_.empty(); }
  // Steps behind the head of the next value; false if there is none that could be read.
  bool head(Head& head);
  // REQUIRES: that many are there.
  std::string_view take(std::size_t size) {
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  bool has(std::size_t size) const { return rest_.size() >= size; }

 private:
  template <class Unsigned>
  bool big_endian(std::uint64_t& number) {
    if (!has(sizeof(Unsigned))) return false;
    number = 0;
    for (const char byte : take(sizeof(Unsigned))) {
      number = number << 8 | static_cast<unsigned char>(byte);
    }
    return true;
  }
  template <class Unsigned>
  bool natural(Head& head) {
    head.kind = ValueKind::integer;
    return big_endian<Unsigned>(head.number);
  }
  template <class Signed>
  bool integer(Head& head) {
    if (!natural<std::make_unsigned_t<Signed>>(head)) return false;
    const auto value = static_cast<Signed>(head.number);
    head.negative = value < 0;
    head.number = static_cast<std::uint64_t>(std::int64_t{value});
    return true;
  }
  template <class Unsigned>
  bool sized(Head& head, ValueKind kind) {
    head.kind = kind;
    std::uint64_t size = 0;
    const bool whole = big_endian<Unsigned>(size);
    head.size = static_cast<std::size_t>(size);
    return whole;
  }
  template <class Float, class Unsigned>
  bool real(Head& head) {
    head.kind = ValueKind::number;
    std::uint64_t bits = 0;
    if (!big_endian<Unsigned>(bits)) return false;
    head.real = static_cast<double>(std::bit_cast<Float>(static_cast<Unsigned>(bits)));
    return true;
  }
  bool long_head(unsigned char first, Head& head);

  std::string_view rest_;
};

// Formats by their first byte, as in the msgpack specification; 0xc1 is never used, and of the
// extension types we take none.
bool Cursor::head(Head& head) {
  if (rest_.empty()) return false;
  const auto first = static_cast<unsigned char>(rest_.front());
  rest_.remove_prefix(1);
  head = {};
  if (first < 0x80 || first >= 0xe0) {
    head.kind = ValueKind::integer;
    head.negative = first >= 0xe0;
    head.number = static_cast<std::uint64_t>(std::int64_t{static_cast<signed char>(first)});
    return true;
  }
  if (first >= 0xc0) return long_head(first, head);
  head.kind = first < 0x90 ? ValueKind::map : first < 0xa0 ? ValueKind::list : ValueKind::text;
  head.size = first & (first < 0xa0 ? 0x0f : 0x1f);
  return true;
}

bool Cursor::long_head(unsigned char first, Head& head) {
  switch (first) {
    case 0xc0:
      return true;
    case 0xc2:
    case 0xc3:
      head.kind = ValueKind::boolean;
      head.number = first & 1;
      return true;
    case 0xc4:
      return sized<std::uint8_t>(head, ValueKind::bytes);
    case 0xc5:
      return sized<std::uint16_t>(head, ValueKind::bytes);
    case 0xc6:
      return sized<std::uint32_t>(head, ValueKind::bytes);
    case 0xca:
      return real<float, std::uint32_t>(head);
    case 0xcb:
      return real<double, std::uint64_t>(head);
    case 0xcc:
      return natural<std::uint8_t>(head);
    case 0xcd:
      return natural<std::uint16_t>(head);
    case 0xce:
      return natural<std::uint32_t>(head);
    case 0xcf:
      return natural<std::uint64_t>(head);
    case 0xd0:
      return integer<std::int8_t>(head);
    case 0xd1:
      return integer<std::int16_t>(head);
    case 0xd2:
      return integer<std::int32_t>(head);
    case 0xd3:
      return integer<std::int64_t>(head);
    case 0xd9:
      return sized<std::uint8_t>(head, ValueKind::text);
    case 0xda:
      return sized<std::uint16_t>(head, ValueKind::text);
    case 0xdb:
      return sized<std::uint32_t>(head, ValueKind::text);
    case 0xdc:
      return sized<std::uint16_t>(head, ValueKind::list);
    case 0xdd:
      return sized<std::uint32_t>(head, ValueKind::list);
    case 0xde:
      return sized<std::uint16_t>(head, ValueKind::map);
    case 0xdf:
      return sized<std::uint32_t>(head, ValueKind::map);
    default:
      return false;
  }
}

constexpr std::size_t pair_values = 2;

// The values that lie directly in the one with this head.
std::size_t values_in(const Head& head) {
  if (head.kind == ValueKind::list) return head.size;
  return head.kind == ValueKind::map ? head.size * pair_values : 0;
}

std::size_t bytes_in(const Head& head) {
  return head.kind == ValueKind::text || head.kind == ValueKind::bytes ? head.size : 0;
}

bool within(const Head& head, const DecodeLimits& limits) {
  const bool nests = head.kind == ValueKind::list || head.kind == ValueKind::map;
  return head.size <= (nests ? limits.list_max : limits.text_bytes_max);
}

// Why this is not exactly one value within limits, or "" if it is. Everything that reads it
// afterwards can rely on all that its heads announce being there.
std::string_view problem_of(std::string_view in, const DecodeLimits& limits) {
  constexpr std::string_view malformed = "not a msgpack value within limits";
  Cursor cursor(in);
  std::vector<std::size_t> open{1};  // values that are still to come, in each list that is open
  while (!open.empty()) {
    if (open.back() == 0) {
      open.pop_back();
      continue;
    }
    --open.back();
    Head head;
    if (!cursor.head(head) || !within(head, limits) || !cursor.has(bytes_in(head))) {
      return malformed;
    }
    cursor.take(bytes_in(head));
    const std::size_t values = values_in(head);
    if (values == 0) continue;
    if (open.size() > limits.depth_max) return malformed;
    open.push_back(values);
  }
  return cursor.at_end() ? "" : "bytes follow the value";
}

class MsgpackReader final : public Reader {
 public:
  MsgpackReader(std::string_view in, StructForm form, const DecodeLimits& limits)
      : named_(form == StructForm::map), cursor_(in) {
    levels_.reserve(8);
    levels_.push_back({1, 1, cursor_});
    const std::string_view problem = problem_of(in, limits);
    if (!problem.empty()) fail(problem);
  }

  ValueKind kind() override {
    Head head;
    Cursor ahead = cursor_;
    const bool there = !failed() && levels_.back().left > 0 && ahead.head(head);
    return there ? head.kind : ValueKind::nil;
  }
  void skip() override {
    if (missing()) return;
    --levels_.back().left;
    step_over(1);
  }

  bool boolean() override {
    Head head;
    return take(ValueKind::boolean, head) && head.number != 0;
  }
  std::int64_t integer() override {
    Head head;
    if (!take(ValueKind::integer, head)) return 0;
    if (!head.negative && !std::in_range<std::int64_t>(head.number)) fail("number out of range");
    return static_cast<std::int64_t>(head.number);
  }
  std::uint64_t natural() override {
    Head head;
    if (!take(ValueKind::integer, head)) return 0;
    if (head.negative) fail("number is negative");
    return head.number;
  }
  double number() override {
    Head head;
    if (kind() != ValueKind::integer) return take(ValueKind::number, head) ? head.real : 0;
    take(ValueKind::integer, head);
    return head.negative ? static_cast<double>(static_cast<std::int64_t>(head.number))
                         : static_cast<double>(head.number);
  }
  std::string_view text() override {
    Head head;
    if (!take(ValueKind::text, head)) return {};
    const std::string_view value = cursor_.take(head.size);
    if (!valid_utf8(value)) fail("text is not UTF-8");
    return value;
  }
  std::string_view bytes() override {
    Head head;
    return take(ValueKind::bytes, head) ? cursor_.take(head.size) : std::string_view();
  }

  void begin_struct() override { named_ ? begin_map() : begin_list(); }
  bool field(std::string_view name) override {
    Level& level = levels_.back();
    if (failed() || !named_) return !failed() && level.left > 0;
    cursor_ = level.begin;
    for (level.left = level.size; level.left > 0; level.left -= pair_values) {
      Head key;
      Cursor ahead = cursor_;
      if (ahead.head(key) && key.kind == ValueKind::text && ahead.take(key.size) == name) {
        cursor_ = ahead;
        --level.left;
        return true;
      }
      step_over(pair_values);
    }
    return false;
  }
  void end_struct() override { end(); }

  std::size_t begin_list() override { return begin(ValueKind::list); }
  void end_list() override { end(); }
  std::size_t begin_map() override { return begin(ValueKind::map); }
  void end_map() override { end(); }

 private:
  // A list (or the whole input) or a map that is being read.
  struct Level {
    std::size_t size;  // in values: a pair is two
    std::size_t left;
    Cursor begin;
  };

  bool missing() {
    if (!failed() && levels_.back().left == 0) fail("a value is missing");
    return failed();
  }

  bool take(ValueKind expected, Head& head) {
    if (missing()) return false;
    --levels_.back().left;
    cursor_.head(head);
    if (head.kind == expected) return true;
    fail("expected " + std::string(kind_name(expected)) + ", got " +
         std::string(kind_name(head.kind)));
    return false;
  }

  void step_over(std::size_t values) {
    for (Head head; values > 0; --values) {
      cursor_.head(head);
      cursor_.take(bytes_in(head));
      values += values_in(head);
    }
  }

  std::size_t begin(ValueKind kind) {
    Head head;
    const bool there = take(kind, head);
    const std::size_t values = there ? values_in(head) : 0;
    levels_.push_back({values, values, cursor_});
    return there ? head.size : 0;
  }

  // Steps over what was not read.
  void end() {
    if (!failed()) step_over(levels_.back().left);
    levels_.pop_back();
  }

  const bool named_;
  Cursor cursor_;
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
