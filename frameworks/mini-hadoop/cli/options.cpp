#include "frameworks/mini-hadoop/cli/options.hpp"

#include <CLI/CLI.hpp>

namespace mesolite::hadoop {
namespace {

constexpr int usage_status = 64;  // EX_USAGE of sysexits.h
constexpr std::uint32_t reducers_max = 1000;

void add_job_options(CLI::App& app, CommandLine& line) {
  app.add_option("--master", line.master, "The cluster's master, host:port")
      ->envname("MESOS_MASTER")
      ->capture_default_str();
  app.add_option("--output", line.output,
                 "Directory for the output; it must not exist yet (default: JOB-output)");
  app.add_option("--reducers", line.reducers, "Number of reduce tasks, and of output files")
      ->check(CLI::Range(std::uint32_t{1}, reducers_max))
      ->capture_default_str();
  app.add_option("--split-size", line.split_size,
                 "Bytes of input per map task, e.g. 64M (default: by the size of the input)")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--memory", line.memory, "Memory for the data of one task (default: 128M)")
      ->transform(CLI::AsSizeValue(false));
  app.add_option("--cpus", line.cpus, "CPUs of one task")
      ->check(CLI::Range(0.001, 1024.0))
      ->capture_default_str();
  app.add_option("--authenticator", line.authenticator, "Name of the authenticator module")
      ->capture_default_str();
  app.add_option("--principal", line.principal, "Name under which to authenticate");
  app.add_option("--secret-file", line.secret_file, "File that holds the principal's secret");
  app.add_flag("--quiet", line.quiet, "Say only what went wrong");
}

}  // namespace

std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("mini-hadoop: MapReduce on a Mesolite cluster", "mini-hadoop");
  app.require_subcommand(1);
  const std::string inputs_help = "Files, directories (all files below) and glob patterns";

  CLI::App* const word_count = app.add_subcommand("wordcount", "Count every word of the input");
  add_job_options(*word_count, line);
  word_count->add_option("INPUT", line.inputs, inputs_help)->required();

  CLI::App* const grep =
      app.add_subcommand("grep", "Count each distinct match of a pattern, most frequent first");
  add_job_options(*grep, line);
  grep->add_flag("--literal", line.literal, "The pattern stands for itself");
  grep->add_option("PATTERN", line.pattern, "POSIX extended regular expression")->required();
  grep->add_option("INPUT", line.inputs, inputs_help)->required();

  const CLI::App* const executor =
      app.add_subcommand("executor", "Run tasks; started by agents, not by people");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : usage_status;
  }
  line.command = executor->parsed() ? Command::executor
                 : grep->parsed()   ? Command::grep
                                    : Command::word_count;
  if (line.output.empty()) line.output = grep->parsed() ? "grep-output" : "wordcount-output";
  return line;
}

}  // namespace mesolite::hadoop
