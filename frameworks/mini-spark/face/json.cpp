#include "frameworks/mini-spark/face/json.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace mesolite::spark {
namespace {

class JsonWriter final : public Writer {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void nil() override { put("null"); }
  void boolean(bool value) override { put(value ? "true" : "false"); }
  void integer(std::int64_t value) override { put(std::to_string(value)); }
  void natural(std::uint64_t value) override { put(std::to_string(value)); }
  void number(double value) override {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.17g", value);
    put(std::isfinite(value) ? digits.data() : "null");
  }
  void text(std::string_view value) override {
    std::string quoted = "\"";
    for (const char c : value) add(quoted, c);
    put(quoted + '"');
  }
  void bytes(std::string_view value) override { text(value); }
  void begin_struct(std::size_t) override { begin('{'); }
  void field(std::string_view name) override {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    after_name_ = true;
  }
  void end_struct() override { end('}'); }
  void begin_list(std::size_t) override { begin('['); }
  void end_list() override { end(']'); }
  void begin_map(std::size_t) override {
    begin('{');
    levels_.back().map = true;
  }
  void end_map() override { end('}'); }

 private:
  struct Level {
    bool map = false;
    std::size_t values = 0;  // keys of maps count too
  };

  static void add(std::string& quoted, char c) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (code < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", code);
      quoted += escape.data();
    } else {
      quoted += code < 0x80 ? c : '?';
    }
  }
  // What stands between this value and the one before.
  void separate() {
    if (std::exchange(after_name_, false) || levels_.empty()) return;
    Level& level = levels_.back();
    if (level.values > 0) out_ += level.map && level.values % 2 == 1 ? ':' : ',';
    ++level.values;
  }
  void put(std::string_view value) {
    separate();
    out_ += value;
  }
  void begin(char bracket) {
    separate();
    out_ += bracket;
    levels_.emplace_back();
  }
  void end(char bracket) {
    levels_.pop_back();
    out_ += bracket;
  }

  std::string& out_;
  std::vector<Level> levels_;
  bool after_name_ = false;
};

}  // namespace

std::unique_ptr<Writer> json_writer(std::string& out) {
  return std::make_unique<JsonWriter>(out);
}

}  // namespace mesolite::spark
