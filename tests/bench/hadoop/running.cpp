#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>

#include "tests/bench/hadoop/parts.hpp"
#include "tests/support/program.hpp"

namespace mesolite::bench {
namespace {

namespace fs = std::filesystem;

constexpr Duration sampling_interval = 20ms;
constexpr Duration job_patience = 600s;

// Of one process in kilobytes; 0 if it has ended or is another program.
double anonymous_memory_kb(const fs::path& process, const fs::path& program) {
  std::error_code error;
  if (fs::read_symlink(process / "exe", error) != program || error) return 0;
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::strtod(line.c_str() + 8, nullptr);
  }
  return 0;
}

void sample(std::map<std::string, double>& peaks, const fs::path& program) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const double now = anonymous_memory_kb(entry.path(), program);
    if (now > 0) peaks[name] = std::max(peaks[name], now);
  }
}

}  // namespace

Duration time_of(std::vector<std::string> command, std::vector<std::string> environment) {
  const harness::Stopwatch watch;
  const harness::Ended ended = harness::run(std::move(command), std::move(environment));
  if (ended.status != 0) throw std::runtime_error(ended.errors);
  return watch.elapsed();
}

std::vector<std::string> job(const std::string& master, const std::string& name,
                             const fs::path& output, std::vector<std::string> arguments) {
  fs::remove_all(output);
  std::vector<std::string> command = {harness::built("bin/mini-hadoop"),
                                      name,
                                      "--quiet",
                                      "--memory",
                                      task_memory,
                                      "--master",
                                      master,
                                      "--output",
                                      output.string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

double peak_memory_of(std::vector<std::string> command) {
  const fs::path program = fs::canonical(command.front());
  harness::Program running(std::move(command));
  std::map<std::string, double> peaks;
  std::optional<int> status;
  const harness::Stopwatch watch;
  while (!status) {
    sample(peaks, program);
    status = running.wait(sampling_interval);
    if (watch.elapsed() > job_patience) throw std::runtime_error("the job does not end");
  }
  if (*status != 0) throw std::runtime_error(running.errors());
  double sum = 0;
  for (const auto& [process, peak] : peaks) sum += peak;
  return sum / 1024;
}

}  // namespace mesolite::bench
