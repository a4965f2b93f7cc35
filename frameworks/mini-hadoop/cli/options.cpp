#include "frameworks/mini-hadoop/cli/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>
#include <set>

#include "frameworks/mini-hadoop/engine/class_job.hpp"

namespace mesolite::hadoop {
namespace {

constexpr int usage_status = 64;  // EX_USAGE of sysexits.h
constexpr std::uint32_t reducers_max = 1000;

void add_job_options(CLI::App& app, CommandLine& line) {
  app.add_option("--master", line.master, "The cluster's master: host:port, zk://… or file://…")
      ->envname("MESOS_MASTER")
      ->capture_default_str();
  app.add_option("--output", line.output,
                 "Directory for the output; it must not exist yet (default: JOB-output)");
  app.add_option("--reducers", line.reducers, "Number of reduce tasks, and of output files")
      ->check(CLI::Range(std::uint32_t{0}, reducers_max))
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
  app.add_option("--skip-bad-records", line.skip_bad_records,
                 "Records of each map task that may be malformed")
      ->capture_default_str();
  app.add_flag("--quiet", line.quiet, "Say only what went wrong");
}

// Keeps an option or flag as a parameter of the job.
CLI::callback_t into_parameter(CommandLine& line, const std::string& name) {
  return [&line, name](const CLI::results_t& values) {
    line.parameters[name] = values.empty() ? "true" : values.front();
    return true;
  };
}

const char* const inputs_help = "Files, directories (all files below) and glob patterns";

// Adds the subcommands of the examples one by one; each sets what it is when it was parsed.
class Examples {
 public:
  Examples(CLI::App& app, CommandLine& line) : app_(app), line_(line) {}

  CLI::App& add(const std::string& name, const std::string& help) {
    CLI::App* const added = app_.add_subcommand(name, help);
    added->parse_complete_callback([this, name] { line_.job = name; });
    add_job_options(*added, line_);
    return *added;
  }
  CLI::App& add_with_inputs(const std::string& name, const std::string& help) {
    CLI::App& added = add(name, help);
    added.add_option("INPUT", line_.inputs, inputs_help)->required();
    return added;
  }
  CLI::Option* number(CLI::App& app, const std::string& option, const std::string& parameter,
                      const std::string& help) {
    return app.add_option(option, into_parameter(line_, parameter), help)
        ->check(CLI::TypeValidator<std::uint64_t>("NUMBER"));
  }
  void flag(CLI::App& app, const std::string& option, const std::string& parameter,
            const std::string& help) {
    app.add_flag_callback(
        option, [this, parameter] { line_.parameters[parameter] = "true"; }, help);
  }

 private:
  CLI::App& app_;
  CommandLine& line_;
};

void add_tera_examples(Examples& examples) {
  CLI::App& generate = examples.add("teragen", "Make records of 100 bytes for terasort");
  examples.number(generate, "ROWS", "rows", "How many")->required();
  examples.number(generate, "--maps", "maps", "Number of tasks, and of files (default: 2)");
  examples.add_with_inputs("terasort", "Sort what teragen made");
  examples.add_with_inputs("teravalidate", "Prove that the output of terasort is sorted");
}

void add_examples(Examples& examples, CommandLine& line) {
  examples.add_with_inputs("wordcount", "Count every word of the input");
  CLI::App& grep =
      examples.add("grep", "Count each distinct match of a pattern, most frequent first");
  examples.flag(grep, "--literal", "literal", "The pattern stands for itself");
  grep.add_option("PATTERN", into_parameter(line, "pattern"), "POSIX extended regular expression")
      ->required();
  grep.add_option("INPUT", line.inputs, inputs_help)->required();

  CLI::App& sort = examples.add_with_inputs("sort", "Sort lines");
  examples.flag(sort, "--numeric", "numeric", "By the numbers that they begin with");
  examples.flag(sort, "--reverse", "reverse", "The other way round");
  add_tera_examples(examples);

  CLI::App& pi = examples.add("pi", "Estimate pi");
  examples.number(pi, "MAPS", "maps", "Number of tasks")->required();
  examples.number(pi, "SAMPLES", "samples", "Points for each of them")->required();

  examples.add_with_inputs("invertedindex", "Tell for each word in which files it is");
  CLI::App& top = examples.add("topn", "The most frequent words");
  examples.number(top, "COUNT", "limit", "How many")->required();
  top.add_option("INPUT", line.inputs, inputs_help)->required();

  CLI::App& join = examples.add("join", "Join \"key<TAB>rest\" lines that have equal keys");
  // One pattern each: what follows the first is not the first one's.
  join.add_option("LEFT", line.inputs, inputs_help)
      ->required()
      ->expected(1)
      ->allow_extra_args(false);
  join.add_option("RIGHT", line.right_inputs, inputs_help)
      ->required()
      ->expected(1)
      ->allow_extra_args(false);
  examples.add_with_inputs("secondarysort", "Group and sort lines of two numbers");
}

// ---- jobs of the user's own --------------------------------------------------------------------

std::uint32_t parse_reducers(const std::string& text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  if (whole && number <= reducers_max) return number;
  throw CLI::ValidationError(
      "-D", "expects 0 to " + std::to_string(reducers_max) + " reduce tasks, got '" + text + "'");
}

// "NAME=VALUE" of -D: a parameter of the job, or one of Hadoop's names for an option.
bool define(CommandLine& line, const std::string& definition) {
  const std::size_t equals = definition.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  const std::string name = definition.substr(0, equals);
  const std::string value = definition.substr(equals + 1);
  static const std::map<std::string, std::string> parameters = {
      {"stream.num.map.output.key.fields", "key fields"},
      {"stream.map.output.field.separator", "separator"}};
  if (name == "mapreduce.job.reduces" || name == "mapred.reduce.tasks") {
    line.reducers = parse_reducers(value);
  } else if (const auto known = parameters.find(name); known != parameters.end()) {
    line.parameters[known->second] = value;
  } else {
    line.parameters[name] = value;
  }
  return true;
}

void add_definitions(CLI::App& app, CommandLine& line) {
  app.add_option_function<std::vector<std::string>>(
         "-D",
         [&line](const std::vector<std::string>& definitions) {
           for (const std::string& each : definitions) {
             if (!define(line, each)) throw CLI::ValidationError("-D", "expects NAME=VALUE");
           }
         },
         "NAME=VALUE: a parameter of the job")
      ->expected(1)
      ->take_all();
  app.add_option("--ip", line.ip, "Address under which executors reach this program")
      ->capture_default_str();
  app.add_option("--files", line.files, "Files to ship to the executors, separated by commas")
      ->delimiter(',')
      ->expected(1)
      ->take_all();
}

void add_streaming(Examples& examples, CommandLine& line) {
  CLI::App& app = examples.add("streaming", "Run any commands as mapper and reducer");
  add_definitions(app, line);
  app.add_option("--input", line.inputs, inputs_help)
      ->required()
      ->delimiter(',')
      ->expected(1)
      ->take_all();
  app.add_option("--mapper", into_parameter(line, "mapper"), "Command; default: cat");
  app.add_option("--reducer", into_parameter(line, "reducer"), "Command, or NONE; default: cat");
  app.add_option("--combiner", into_parameter(line, "combiner"), "Command");
  app.add_option("--file", line.files, "A file to ship to the executors")->expected(1)->take_all();
  app.add_option("--numReduceTasks", line.reducers, "Number of reduce tasks; 0: none")
      ->check(CLI::Range(std::uint32_t{0}, reducers_max));
  app.add_option_function<std::vector<std::string>>(
         "--cmdenv",
         [&line](const std::vector<std::string>& variables) {
           for (const std::string& each : variables) {
             line.parameters["environment"] += each + "\n";
           }
         },
         "NAME=VALUE for the environment of the commands")
      ->expected(1)
      ->take_all();
}

void add_jar(Examples& examples, CommandLine& line) {
  CLI::App& app = examples.add("jar", "Run a job of your own from a shared library");
  add_definitions(app, line);
  app.add_option("LIBRARY", into_parameter(line, "library"), "Built with mini_hadoop_add_job()")
      ->required();
  app.add_option("INPUT", line.inputs, inputs_help)->required();
}

// Commands about jobs, not jobs themselves.
void add_inquiries(CLI::App& app, CommandLine& line) {
  const auto add = [&](const char* name, const char* help, Command command) {
    CLI::App* const added = app.add_subcommand(name, help);
    added->parse_complete_callback([&line, command] { line.command = command; });
    return added;
  };
  add("jobs", "List the jobs that were started here", Command::jobs);
  add("history", "A line of JSON for each job that has ended", Command::history);
  for (CLI::App* const one :
       {add("status", "How a job stands", Command::status),
        add("counters", "The counters of a job", Command::counters),
        add("kill", "End a job", Command::kill),
        add("resume", "Take up a job whose scheduler died", Command::resume)}) {
    one->add_option("JOB", line.id, "Its id, as `jobs` shows it")->required();
  }
  add("executor", "Run tasks; started by agents, not by people", Command::executor);
}

// Hadoop's long options have one dash: they get their second one here.
std::vector<std::string> with_two_dashes(int argc, const char* const* argv) {
  static const std::set<std::string> names = {"-input",    "-output",        "-mapper", "-reducer",
                                              "-combiner", "-file",          "-cmdenv", "-files",
                                              "-master",   "-numReduceTasks"};
  std::vector<std::string> arguments(argv + 1, argv + argc);
  for (std::string& argument : arguments) {
    if (names.contains(argument)) argument.insert(0, 1, '-');
  }
  return {arguments.rbegin(), arguments.rend()};  // as CLI11 wants them
}

// What the commands mean beside what their options say.
void settle(CommandLine& line) {
  const auto reducer = line.parameters.find("reducer");
  if (line.job == "streaming" && reducer != line.parameters.end() && reducer->second == "NONE") {
    line.reducers = 0;
  }
  if (line.skip_bad_records > 0) {
    line.parameters[std::string(skip_parameter)] = std::to_string(line.skip_bad_records);
  }
  if (line.job == "teragen") line.parameters.try_emplace("maps", "2");
  if (line.job == "jar") {
    line.job = "library";
    line.files.push_back(line.parameters["library"]);
  }
  if (line.output.empty()) line.output = line.job + "-output";
}

}  // namespace

std::variant<CommandLine, int> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("mini-hadoop: MapReduce on a Mesolite cluster", "mini-hadoop");
  app.require_subcommand(1);
  Examples examples(app, line);
  add_examples(examples, line);
  add_streaming(examples, line);
  add_jar(examples, line);
  add_inquiries(app, line);
  try {
    app.parse(with_two_dashes(argc, argv));
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : usage_status;
  }
  settle(line);
  return line;
}

}  // namespace mesolite::hadoop
