#include "functions.hpp"

#include <algorithm>
#include <cctype>

#include "pattern.hpp"

namespace mesolite::tidy {
namespace {

enum class Scope { outer, type, function, control, other };

struct Open {
  Scope scope;
  int parentheses;   // how many stood open outside
  std::string head;  // what preceded the brace, to go on with where the statement continues
};

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

// Where the parameter list of a function head begins, npos if it has none.
std::size_t parameters_begin(const std::string& head) {
  const std::size_t call_operator = head.find("operator()");
  return head.find('(', call_operator == std::string::npos ? 0 : call_operator + 10);
}

std::string function_name(const std::string& head) {
  static const Pattern name("([A-Za-z_~][A-Za-z0-9_:~]*|operator[^A-Za-z0-9_ ]+)\\s*$");
  const Pattern::Groups match = name.search(head.substr(0, parameters_begin(head)));
  return match.empty() ? "function" : match[1];
}

int count_parameters(const std::string& head) {
  const std::size_t begin = parameters_begin(head);
  int depth = 0;
  int commas = 0;
  bool empty = true;
  for (std::size_t i = begin; i < head.size(); ++i) {
    const char c = head[i];
    if (c == ')' && --depth == 0) break;
    if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
    if (c == '>' || c == '}' || c == ']') --depth;
    if (c == ',' && depth == 1) ++commas;
    if (i > begin && std::isspace(static_cast<unsigned char>(c)) == 0) empty = false;
  }
  return empty ? 0 : commas + 1;
}

class Scanner {
 public:
  std::vector<Function> run(const SourceFile& file) {
    bool directive = false;
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      line_ = static_cast<int>(i) + 1;
      const std::string& text = file.code[i];
      directive = directive || trimmed(text).starts_with('#');
      if (!directive) scan(text);
      directive = directive && text.ends_with('\\');
    }
    return functions_;
  }

 private:
  void scan(const std::string& text) {
    for (const char c : text) {
      if (c == '{') {
        open();
      } else if (c == '}') {
        close();
      } else if (c == ';' && parentheses_ == base()) {
        head_.clear();
      } else {
        if (c == '(') ++parentheses_;
        if (c == ')') --parentheses_;
        head_ += c;
      }
    }
    head_ += '\n';
  }

  int base() const { return opened_.empty() ? 0 : opened_.back().parentheses; }

  bool inside_function() const {
    return std::any_of(opened_.begin(), opened_.end(),
                       [](const Open& open) { return open.scope == Scope::function; });
  }

  void open() {
    const std::string head = trimmed(head_);
    const Scope scope = scope_of(head);
    opened_.push_back({scope, parentheses_, head_});
    head_.clear();
    if (scope == Scope::function) {
      current_ = {function_name(head), line_, 0, 0, 0, count_parameters(head)};
    }
    if (scope == Scope::control) note_nesting();
  }

  void note_nesting() {
    const auto depth = std::count_if(opened_.begin(), opened_.end(),
                                     [](const Open& open) { return open.scope == Scope::control; });
    if (depth <= current_.nesting) return;
    current_.nesting = static_cast<int>(depth);
    current_.nesting_line = line_;
  }

  void close() {
    if (opened_.empty()) return;  // not C++ as we know it
    const Open closed = opened_.back();
    opened_.pop_back();
    parentheses_ = closed.parentheses;
    head_.clear();
    if (closed.scope == Scope::other) head_ = closed.head + "{}";
    if (closed.scope != Scope::function) return;
    current_.lines = line_ - current_.line + 1;
    functions_.push_back(current_);
  }

  Scope scope_of(const std::string& head) const {
    if (inside_function()) return scope_inside_function(head);
    if (parentheses_ > base()) return Scope::other;  // a default argument
    static const Pattern outer("(.*\\s)?(namespace|extern)(\\s.*)?");
    static const Pattern type("(template\\s*<[\\s\\S]*>\\s*)?(class|struct|union|enum)\\b[^()]*");
    if (outer.matches(head)) return Scope::outer;
    if (type.matches(head)) return Scope::type;
    const std::size_t begin = parameters_begin(head);
    if (begin == std::string::npos) return Scope::other;
    if (assigns_before(head, begin) || initialises_member(head)) return Scope::other;
    return Scope::function;
  }

  Scope scope_inside_function(const std::string& head) const {
    static const Pattern control(
        "(\\}\\s*)?(else\\s+)?(if|for|while|switch|catch)\\b[\\s\\S]*|(\\}\\s*)?(else|do|try)");
    if (parentheses_ > base()) return Scope::other;  // a lambda or a list among arguments
    return control.matches(after_labels(head)) ? Scope::control : Scope::other;
  }

  // "case x: if (y)" without its labels.
  static std::string after_labels(const std::string& head) {
    static const Pattern label("^\\s*(case\\b[^:]*(::[^:]*)*|default\\s*):(?!:)\\s*");
    return label.removed_from(head);
  }

  // `x = f(…) {`, but not `operator=(…) {`.
  static bool assigns_before(const std::string& head, std::size_t begin) {
    if (head.find("operator") != std::string::npos) return false;
    return head.substr(0, begin).find('=') != std::string::npos;
  }

  // `Type() : member_{…}` goes on after the brace; `Type() : member_(…) {` begins the body.
  static bool initialises_member(const std::string& head) {
    static const Pattern list("\\)\\s*(noexcept\\s*)?:[^:]");
    if (!list.found_in(head)) return false;
    const char last = head.back();
    return std::isalnum(static_cast<unsigned char>(last)) != 0 || last == '_' || last == '>';
  }

  std::vector<Function> functions_;
  std::vector<Open> opened_;
  Function current_;
  std::string head_;  // the statement so far
  int parentheses_ = 0;
  int line_ = 0;
};

}  // namespace

std::vector<Function> functions_of(const SourceFile& file) {
  return Scanner().run(file);
}

}  // namespace mesolite::tidy
