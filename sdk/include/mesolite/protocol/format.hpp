// Writer and Reader: the two halves of every format in which described structs travel. Abstract;
// codec.cpp has the wire's msgpack, kernel/http the JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  virtual void begin_struct() = 0;
  // Goes to the field of that name, asked for in declared order; false if the input lacks it.
  virtual bool field(std::string_view name) = 0;
  virtual void end_struct() = 0;  // steps over what was not read
  virtual std::size_t begin_list() = 0;
  virtual void end_list() = 0;          // steps over what was not read
  virtual std::size_t begin_map() = 0;  // then key text, value, key text, value, …
  virtual void end_map() = 0;

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

}  // namespace mesolite
