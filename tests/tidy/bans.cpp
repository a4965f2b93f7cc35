// Words that must not be said, and where.
#include "pattern.hpp"
#include "rules.hpp"

namespace mesolite::tidy {
namespace {

struct Ban {
  const char* rule;
  const char* hint;     // what every match contains: patterns are slow
  const char* pattern;  // on code without comments and strings
  const char* advice;
};

// The machines are pure: equal inputs must give equal outboxes, and the simulator must own time,
// chance and I/O.
const std::vector<Ban> pure_bans = {
    {"pure", "", "\\bnow\\s*\\(\\s*\\)|\\b(system|steady|high_resolution)_clock\\b",
     "a machine has no clock: take the Time that step() is given"},
    {"pure", "", "\\b(s?rand|random_device|random_seed|mt19937(_64)?)\\b",
     "a machine draws from the Random it was built with"},
    {"pure", "", "\\b(getenv|secure_getenv|setenv)\\b",
     "a machine reads its options, not the environment"},
    {"pure", "",
     "\\bstd::(c(out|err|log|in)|printf|fprintf|puts|[io]?fstream|fopen)\\b|\\bf?printf\\s*\\(",
     "a machine notes events and lets the shell print and write"},
    {"pure", "",
     "\\bstd::(jthread|thread|mutex|shared_mutex|recursive_mutex|condition_variable|atomic|"
     "async|future|promise)\\b",
     "a machine is single-threaded and knows no locks"},
    {"pure", "", "\\bthread_local\\b", "a machine is single-threaded"},
    {"pure", "", "\\b(usleep|nanosleep|sleep_for|sleep_until)\\b", "a machine does not wait"},
    {"pure", "",
     "#\\s*include\\s*<(thread|mutex|shared_mutex|condition_variable|atomic|future|fstream|"
     "iostream|filesystem|random|cstdio|ctime|stdio\\.h|time\\.h|unistd\\.h|fcntl\\.h|poll\\.h|"
     "signal\\.h|csignal|netdb\\.h|(sys|net|netinet|arpa|linux)/[^>]*)>",
     "a machine does no I/O: what touches the world is an effect of the shell"},
};

const std::vector<Ban> test_bans = {
    {"test-time", "sleep", "\\b(sleep_for|sleep_until|usleep|nanosleep)\\b",
     "tests do not sleep: wait on a condition with a deadline, or hand out virtual time"},
};

const std::vector<Ban> general_bans = {
    {"naming", "k", "\\bk[A-Z][a-z][A-Za-z0-9]*\\b",
     "constants are snake_case, like every variable"},
    {"naming", "assert", "\\bassert\\s*\\(",
     "use MESOLITE_CHECK, which is always on and says what should hold"},
};

void apply(const std::vector<Ban>& bans, const SourceFile& file, Findings& findings) {
  for (const Ban& ban : bans) {
    const Pattern pattern(ban.pattern);
    for (std::size_t i = 0; i < file.code.size(); ++i) {
      if (file.code[i].find(ban.hint) == std::string::npos) continue;
      const Pattern::Groups match = pattern.search(file.code[i]);
      if (match.empty()) continue;
      findings.push_back({ban.rule, file.path, static_cast<int>(i) + 1, match[0],
                          "'" + match[0] + "': " + ban.advice});
    }
  }
}

}  // namespace

Findings check_bans(const SourceFile& file) {
  Findings findings;
  if (file.below("kernel/master") || file.below("kernel/agent")) apply(pure_bans, file, findings);
  if (file.below("tests")) apply(test_bans, file, findings);
  apply(general_bans, file, findings);
  return findings;
}

}  // namespace mesolite::tidy
