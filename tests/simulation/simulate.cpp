// Runs seeds of a scenario, in several processes. The first line says which, and of which commit; a
// seed that fails is run again with its trace written down, and named with the command to repeat
// it.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "mesolite/base/check.hpp"
#include "tests/simulation/simulation.hpp"

namespace mesolite::simulation {
namespace {

struct Options {
  std::string torments = MESOLITE_SOURCE_DIR "/tests/simulation/torments/full.toml";
  std::uint64_t first = 1;
  std::uint64_t seeds = 1;
  std::uint64_t jobs = 1;
  std::uint64_t trace = 60;  // lines, of a seed that fails
  std::string about;         // that they speak of
  bool twice = false;
  bool show = false;  // the trace of the first seed, whether it holds or not
};

constexpr const char* usage =
    "usage: simulate [--seeds N] [--first SEED] [--torments FILE] [--jobs N] [--trace LINES] "
    "[--about WORD] [--twice] [--show]\n";

// ---- arguments
// -----------------------------------------------------------------------------------

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const unsigned long long value = std::strtoull(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0') return std::nullopt;
  return value;
}

std::optional<Options> parse(int count, char** arguments) {
  Options options;
  const std::map<std::string, std::uint64_t*> numbers = {{"--seeds", &options.seeds},
                                                         {"--first", &options.first},
                                                         {"--jobs", &options.jobs},
                                                         {"--trace", &options.trace}};
  for (int i = 1; i < count; ++i) {
    const std::string name = arguments[i];
    if (name == "--twice" || name == "--show") {
      (name == "--twice" ? options.twice : options.show) = true;
      continue;
    }
    if (++i == count) return std::nullopt;
    const auto known = numbers.find(name);
    const auto value = number(arguments[i]);
    if (name == "--torments") {
      options.torments = arguments[i];
    } else if (name == "--about") {
      options.about = arguments[i];
    } else if (known != numbers.end() && value) {
      *known->second = *value;
    } else {
      return std::nullopt;
    }
  }
  if (options.seeds == 0 || options.jobs == 0) return std::nullopt;
  return options;
}

std::string commit() {
  std::FILE* pipe = ::popen("git -C '" MESOLITE_SOURCE_DIR "' rev-parse --short=12 HEAD 2>&1", "r");
  if (pipe == nullptr) return "unknown";
  char line[128] = "";
  const bool read = std::fgets(line, sizeof(line), pipe) != nullptr;
  const bool found = ::pclose(pipe) == 0 && read;
  const std::string text = line;
  return found ? text.substr(0, text.find('\n')) : "unknown";
}

// ---- one seed
// ------------------------------------------------------------------------------------

// What the process under way writes down, for the handler of SIGABRT alone: a broken invariant of a
// machine ends the process where it stands.
const Trace* trace_of_this_process = nullptr;

void print_trace_and_end(int) {
  trace_of_this_process->print(stderr);
  ::_exit(1);
}

// Why it failed, or "".
std::string run_seed(const Scenario& scenario, std::uint64_t seed, Trace& trace) {
  return Simulation(scenario, seed, trace).run().problem;
}

std::string run_seed_twice(const Scenario& scenario, std::uint64_t seed, Trace& trace) {
  const Outcome first = Simulation(scenario, seed, trace).run();
  if (!first.problem.empty()) return first.problem;
  const Outcome second = Simulation(scenario, seed, trace).run();
  const bool equal = first.trace_hash == second.trace_hash && first.last_draw == second.last_draw;
  return equal ? "" : "the same seed gave another run";
}

int run_with_trace(const Options& options, const Scenario& scenario, std::uint64_t seed) {
  Trace trace(options.trace, options.about);
  trace_of_this_process = &trace;
  std::signal(SIGABRT, print_trace_and_end);
  const std::string problem = run_seed(scenario, seed, trace);
  trace.print(stderr);
  if (!problem.empty()) std::cerr << problem << "\n";
  return problem.empty() ? 0 : 1;
}

// ---- many
// ----------------------------------------------------------------------------------------

// What a process of the pool is at, shared with its parent.
struct Progress {
  std::uint64_t seed = 0;
  std::uint64_t done = 0;
};

class Pool {
 public:
  Pool(const Options& options, const Scenario& scenario)
      : options_(options), scenario_(scenario), progress_(share(options.jobs)) {}
  ~Pool() { ::munmap(progress_, options_.jobs * sizeof(Progress)); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // The first seed that failed, if one did.
  std::optional<std::uint64_t> run() {
    std::map<pid_t, std::uint64_t> jobs;
    for (std::uint64_t job = 0; job < options_.jobs; ++job) {
      const pid_t child = ::fork();
      MESOLITE_CHECK(child >= 0, "a process can be started");
      if (child == 0) ::_exit(work(job));
      jobs[child] = job;
    }
    std::optional<std::uint64_t> failed;
    while (!jobs.empty()) {
      int status = 0;
      const pid_t child = ::waitpid(-1, &status, 0);
      const auto job = jobs.find(child);
      if (job == jobs.end()) continue;
      if (status != 0 && !failed) failed = progress_[job->second].seed;
      jobs.erase(job);
    }
    return failed;
  }

  std::uint64_t done() const {
    std::uint64_t sum = 0;
    for (std::uint64_t job = 0; job < options_.jobs; ++job) sum += progress_[job].done;
    return sum;
  }

 private:
  static Progress* share(std::uint64_t jobs) {
    void* memory = ::mmap(nullptr, jobs * sizeof(Progress), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    MESOLITE_CHECK(memory != MAP_FAILED, "a page can be shared");
    return static_cast<Progress*>(memory);
  }

  int work(std::uint64_t job) const {
    Trace silent(0);
    Progress& progress = progress_[job];
    for (std::uint64_t i = job; i < options_.seeds; i += options_.jobs) {
      progress.seed = options_.first + i;
      const std::string problem = options_.twice ? run_seed_twice(scenario_, progress.seed, silent)
                                                 : run_seed(scenario_, progress.seed, silent);
      if (!problem.empty()) return 1;
      ++progress.done;
    }
    return 0;
  }

  const Options& options_;
  const Scenario& scenario_;
  Progress* const progress_;
};

int simulate(const Options& options) {
  const Result<Scenario> scenario = read_scenario(options.torments);
  if (!scenario) {
    std::cerr << "simulate: " << scenario.error().message << "\n";
    return 64;
  }
  std::cout << "seeds " << options.first << " to " << options.first + options.seeds - 1
            << ", commit " << commit() << ", " << options.torments << std::endl;
  if (options.show) return run_with_trace(options, *scenario, options.first);
  Pool pool(options, *scenario);
  const auto failed = pool.run();
  std::cout << pool.done() << " seeds hold" << (options.twice ? ", each twice the same" : "")
            << std::endl;
  if (!failed) return 0;
  std::cerr << "seed " << *failed << " fails:\n";
  run_with_trace(options, *scenario, *failed);
  std::cerr << "again: scripts/simulate --first " << *failed << " --torments " << options.torments
            << "\n";
  return 1;
}

}  // namespace
}  // namespace mesolite::simulation

int main(int count, char** arguments) {
  const auto options = mesolite::simulation::parse(count, arguments);
  if (!options) {
    std::cerr << mesolite::simulation::usage;
    return 64;
  }
  return mesolite::simulation::simulate(*options);
}
