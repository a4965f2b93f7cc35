#include "frameworks/mini-hadoop/streaming/streaming_job.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/map_input.hpp"
#include "frameworks/mini-hadoop/engine/pair_collector.hpp"
#include "frameworks/mini-hadoop/input/buffered_writer.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/streaming/piped_command.hpp"
#include "frameworks/mini-hadoop/streaming/reporter.hpp"
#include "mesolite/base/text.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t pairs_between_checks = 1024;

std::string parameter(const Parameters& parameters, const std::string& name,
                      const std::string& otherwise = "") {
  const auto found = parameters.find(name);
  return found == parameters.end() ? otherwise : found->second;
}

// Commands find "my.limit" of -D in their environment as "my_limit", as with Hadoop.
std::string variable_of(std::string name) {
  std::replace_if(
      name.begin(), name.end(),
      [](char byte) { return std::isalnum(static_cast<unsigned char>(byte)) == 0; }, '_');
  return name;
}

// What a line is split into: the first `fields` fields are the key.
struct KeyRule {
  char separator = '\t';
  std::uint64_t fields = 1;

  std::pair<std::string_view, std::string_view> split_line(std::string_view line) const {
    std::size_t end = line.find(separator);
    for (std::uint64_t i = 1; i < fields && end != std::string_view::npos; ++i) {
      end = line.find(separator, end + 1);
    }
    if (end == std::string_view::npos) return {line, {}};
    return {line.substr(0, end), line.substr(end + 1)};
  }
};

struct Commands {
  std::string mapper;
  std::string combiner;
  std::string reducer;
  std::string directory;
  std::vector<std::string> environment;
  KeyRule rule;

  // Of a command of this task.
  std::vector<std::string> variables(std::uint32_t task, bool is_map) const {
    const char* const path = std::getenv("PATH");
    return {"PATH=" + directory + ":" + (path == nullptr ? "/usr/bin:/bin" : path),
            "mapreduce_task_partition=" + std::to_string(task),
            std::string("mapreduce_task_ismap=") + (is_map ? "true" : "false")};
  }
};

// A command while it runs, with what it says on standard error.
class Running {
 public:
  Running(const Commands& commands, Counters& counters, TaskNote& note)
      : commands_(commands), reporter_(counters, note) {}

  Status start(const std::string& command, std::vector<std::string> environment,
               PipedCommand::TakeLine output, std::stop_token stop) {
    environment.insert(environment.end(), commands_.environment.begin(),
                       commands_.environment.end());
    const auto errors = [this](std::string_view line) {
      reporter_.take(line);
      return Status{};
    };
    auto started = PipedCommand::start({.command = command,
                                        .directory = commands_.directory,
                                        .environment = std::move(environment),
                                        .output = std::move(output),
                                        .errors = errors,
                                        .stop = std::move(stop)});
    if (!started) return tl::unexpected(started.error());
    command_ = std::move(*started);
    return {};
  }

  Status write_line(std::string_view line) {
    line_.assign(line).push_back('\n');
    return command_->write(line_);
  }
  Status write_pair(std::string_view key, std::string_view value) {
    line_.assign(key).append(1, commands_.rule.separator).append(value).push_back('\n');
    return command_->write(line_);
  }

  Status finish() {
    Status ended = command_->finish();
    if (ended) return ended;
    const std::string tail = reporter_.tail();
    return failure(ended.error().message + (tail.empty() ? "" : "; it said:\n" + tail));
  }

 private:
  const Commands& commands_;
  Reporter reporter_;
  std::unique_ptr<PipedCommand> command_;
  std::string line_;
};

// A combiner's whole input is one run of the command: it sees its keys change, as a reducer does.
// So it takes each group as it comes, and gives its output with the last.
class CommandCombiner final : public RunCombiner {
 public:
  CommandCombiner(const Commands& commands, MapTask& task) : commands_(commands), task_(task) {}

  Status begin(Emitter& out) override {
    running_ = std::make_unique<Running>(commands_, task_.counters, task_.note);
    const auto take = [this, &out](std::string_view line) {
      const auto [key, value] = commands_.rule.split_line(line);
      out.emit(key, value);
      return Status{};
    };
    return running_->start(commands_.combiner, commands_.variables(task_.index, true), take,
                           task_.stop);
  }
  Status add(std::string_view key, std::string_view value) override {
    return running_->write_pair(key, value);
  }
  Status end() override { return running_->finish(); }

 private:
  const Commands& commands_;
  MapTask& task_;
  std::unique_ptr<Running> running_;
};

class StreamingJob final : public Job {
 public:
  explicit StreamingJob(Commands commands) : commands_(std::move(commands)) {}

  bool splittable(const std::string& path) const override { return format_.splittable(path); }

  Result<MapOutput> map(MapTask& task) const override {
    if (task.partitions == 0) return map_to_output(task);
    CommandCombiner combiner(commands_, task);
    PairCollector collector(task,
                            {.run_combiner = commands_.combiner.empty() ? nullptr : &combiner});
    const auto take = [&](std::string_view line) {
      const auto [key, value] = commands_.rule.split_line(line);
      collector.emit(key, value);
      return collector.status();
    };
    if (auto mapped = run_mapper(task, take); !mapped) return tl::unexpected(mapped.error());
    return collector.finish();
  }

  Status reduce(ReduceTask& task) const override {
    auto file = task.files.create(task.output_path);
    if (!file) return tl::unexpected(file.error());
    BufferedWriter out(std::move(*file));
    std::uint64_t lines = 0;
    Running running(commands_, task.counters, task.note);
    auto done = running.start(
        commands_.reducer, commands_.variables(task.partition, false),
        [&](std::string_view line) { return append(out, line, lines); }, task.stop);
    if (done) done = feed(task, running);
    if (done) done = running.finish();
    if (!done) return done;
    return close(out, lines, counter::reduce_output_records, counter::reduce_output_bytes,
                 task.counters);
  }

 private:
  static Status append(BufferedWriter& out, std::string_view line, std::uint64_t& lines) {
    out.text().append(line).push_back('\n');
    ++lines;
    return out.flush_if_full();
  }

  static Status close(BufferedWriter& out, std::uint64_t lines, std::string_view lines_counter,
                      std::string_view bytes_counter, Counters& counters) {
    const auto bytes = out.close();
    if (!bytes) return tl::unexpected(bytes.error());
    counters.add(lines_counter, lines);
    counters.add(bytes_counter, *bytes);
    return {};
  }

  Result<MapOutput> map_to_output(MapTask& task) const {
    auto file = task.files.create(task.output_path);
    if (!file) return tl::unexpected(file.error());
    BufferedWriter out(std::move(*file));
    std::uint64_t lines = 0;
    Status done = run_mapper(task, [&](std::string_view line) { return append(out, line, lines); });
    if (done) {
      done =
          close(out, lines, counter::map_output_records, counter::map_output_bytes, task.counters);
    }
    if (!done) return tl::unexpected(done.error());
    return MapOutput{};
  }

  Status run_mapper(MapTask& task, PipedCommand::TakeLine take) const {
    Running running(commands_, task.counters, task.note);
    auto variables = commands_.variables(task.index, true);
    const Piece& first = task.split.pieces.front();
    variables.push_back("mapreduce_map_input_file=" + first.path);
    variables.push_back("mapreduce_map_input_start=" + std::to_string(first.offset));
    variables.push_back("mapreduce_map_input_length=" + std::to_string(first.length));
    variables.push_back("mapreduce_job_reduces=" + std::to_string(task.partitions));
    auto started =
        running.start(commands_.mapper, std::move(variables), std::move(take), task.stop);
    if (!started) return started;
    for (const Piece& piece : task.split.pieces) {
      if (auto fed = feed(piece, task, running); !fed) return fed;
    }
    return running.finish();
  }

  Status feed(const Piece& piece, MapTask& task, Running& running) const {
    return for_each_record(format_, piece, task, [&](const InputRecord& record) {
      return running.write_line(record.value);
    });
  }

  static Status feed(ReduceTask& task, Running& running) {
    std::uint64_t records = 0;
    while (true) {
      const auto more = task.input.next();
      if (!more) return tl::unexpected(more.error());
      if (!*more) return {};
      if (++records % pairs_between_checks == 0) task.records_done = records;
      if (task.stop.stop_requested()) return stopped();
      const Status written = running.write_pair(task.input.key(), task.input.value());
      if (!written) return written;
    }
  }

  Commands commands_;
  TextInputFormat format_;
};

}  // namespace

Result<std::unique_ptr<Job>> streaming_job(const Parameters& parameters) {
  Commands commands;
  commands.mapper = parameter(parameters, "mapper", "cat");
  commands.combiner = parameter(parameters, "combiner");
  commands.reducer = parameter(parameters, "reducer", "cat");
  commands.directory = parameter(parameters, "files", ".");
  const std::string environment = parameter(parameters, "environment");
  for (const auto line : split(environment, '\n')) {
    if (!line.empty()) commands.environment.emplace_back(line);
  }
  for (const auto& [name, value] : parameters) {
    if (name.find('.') != std::string::npos) {
      commands.environment.push_back(variable_of(name) + "=" + value);
    }
  }
  const std::string separator = parameter(parameters, "separator", "\t");
  if (separator.size() != 1) return failure("a field separator is one byte");
  commands.rule.separator = separator[0];
  if (parameters.contains("key fields")) {
    const auto fields = number_parameter(parameters, "key fields");
    if (!fields) return tl::unexpected(fields.error());
    commands.rule.fields = std::max<std::uint64_t>(1, *fields);
  }
  return std::make_unique<StreamingJob>(std::move(commands));
}

}  // namespace mesolite::hadoop
