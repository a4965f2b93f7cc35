#include "frameworks/mini-hadoop/engine/class_job.hpp"

#include <cstdlib>
#include <utility>

#include "frameworks/mini-hadoop/engine/groups.hpp"
#include "frameworks/mini-hadoop/engine/map_input.hpp"
#include "frameworks/mini-hadoop/engine/pair_collector.hpp"
#include "frameworks/mini-hadoop/engine/total_order.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::size_t sample_max = 100'000;  // keys
// The keys at which ranges begin travel with every task.
constexpr std::size_t sample_key_max = 256;  // bytes

class OutputEmitter final : public Emitter {
 public:
  explicit OutputEmitter(RecordWriter& writer) : writer_(writer) {}

  void emit(std::string_view key, std::string_view value) override {
    if (status_) status_ = writer_.write(key, value);
    ++records_;
  }
  const Status& status() const { return status_; }
  std::uint64_t records() const { return records_; }

 private:
  RecordWriter& writer_;
  Status status_;
  std::uint64_t records_ = 0;
};

// Keeps keys alone. In the order of bytes the start of a long key is as good as the key; of others
// only their own comparison knows what a key is.
class KeySampler final : public Emitter {
 public:
  explicit KeySampler(data::KeyComparison comparison) : bytes_(comparison == nullptr) {}

  void emit(std::string_view key, std::string_view) override {
    if (keys_.size() >= sample_max) return;
    if (bytes_ || key.size() <= sample_key_max) keys_.emplace_back(key.substr(0, sample_key_max));
  }
  std::vector<std::string> take_keys() { return std::move(keys_); }

 private:
  const bool bytes_;
  std::vector<std::string> keys_;
};

class TotalOrderPartitioner final : public Partitioner {
 public:
  explicit TotalOrderPartitioner(TotalOrder order) : order_(std::move(order)) {}

  std::uint32_t partition(std::string_view key, std::string_view, std::uint32_t) const override {
    return order_.partition(key);
  }

 private:
  TotalOrder order_;
};

// Whether one more record that the mapper cannot take is let pass.
bool skip(const InputRecord& record, const Error& problem, MapTask& task) {
  const auto most = task.parameters.find(std::string(skip_parameter));
  if (most == task.parameters.end()) return false;
  if (task.skipped.size() >= std::strtoull(most->second.c_str(), nullptr, 10)) return false;
  task.skipped.push_back("'" + std::string(record.path) + "' byte " +
                         std::to_string(record.offset) + ": " + problem.message);
  task.counters.add(counter::records_skipped, 1);
  return true;
}

}  // namespace

ClassJob::ClassJob(JobClasses classes)
    : classes_(std::move(classes)),
      input_(classes_.input ? classes_.input() : std::make_unique<TextInputFormat>()),
      output_(classes_.output ? classes_.output() : std::make_unique<TextOutputFormat>()) {
  MESOLITE_CHECK(classes_.mapper, "a job has a mapper");
}

// ---- before the first task ---------------------------------------------------------------------

Status ClassJob::prepare(StageSetup& setup) const {
  if (setup.reduces > 0 && !classes_.reducer) return failure("the job has no reducer");
  if (!classes_.total_order || setup.reduces < 2) return {};
  const Split sample{sample_pieces(setup.splits)};
  // What the job's own tasks would emit for these pieces; nothing of it is kept but the keys.
  Workspace workspace(0);
  Counters ignored;
  std::atomic<std::uint64_t> bytes_done = 0;
  TaskNote note;
  std::vector<std::string> skipped;
  MapTask task{.index = 0,
               .split = sample,
               .parameters = setup.parameters,
               .partitions = setup.reduces,
               .memory = 0,
               .scratch_prefix = "",
               .outputs_file = "",
               .output_path = "",
               .files = setup.files,
               .workspace = workspace,
               .counters = ignored,
               .note = note,
               .skipped = skipped,
               .bytes_done = bytes_done,
               .stop = {}};
  KeySampler sampler(classes_.key_comparison);
  auto sampled = run_mapper(task, sampler, [] { return Status{}; });
  if (!sampled) return failure("cannot sample the input", sampled.error());
  setup.parameters[std::string(cut_points_parameter)] =
      cut_points(sampler.take_keys(), setup.reduces, classes_.key_comparison);
  return {};
}

// ---- map ---------------------------------------------------------------------------------------

Status ClassJob::map_piece(const Piece& piece, MapTask& task, Mapper& mapper, Emitter& out,
                           const std::function<Status()>& status) const {
  return for_each_record(*input_, piece, task, [&](const InputRecord& record) -> Status {
    auto mapped = guarded("mapper", [&] { return mapper.map(record, out); });
    if (!mapped && !skip(record, mapped.error(), task)) return mapped;
    return status();
  });
}

Status ClassJob::run_mapper(MapTask& task, Emitter& out,
                            const std::function<Status()>& status) const {
  const auto mapper = classes_.mapper();
  TaskContext context{task.parameters, task.counters};
  return guarded("mapper", [&]() -> Status {
    if (auto ready = mapper->setup(context); !ready) return ready;
    for (const Piece& piece : task.split.pieces) {
      if (auto done = map_piece(piece, task, *mapper, out, status); !done) return done;
    }
    return mapper->cleanup(out);
  });
}

Result<std::unique_ptr<Partitioner>> ClassJob::partitioner(TaskContext& context) const {
  if (classes_.total_order) {
    auto order = TotalOrder::of(context.parameters, classes_.key_comparison);
    if (!order) return tl::unexpected(order.error());
    return std::make_unique<TotalOrderPartitioner>(std::move(*order));
  }
  auto made = classes_.partitioner ? classes_.partitioner() : nullptr;
  if (made == nullptr) return nullptr;
  const Status ready = guarded("partitioner", [&] { return made->setup(context); });
  if (!ready) return tl::unexpected(ready.error());
  return made;
}

Result<MapOutput> ClassJob::map(MapTask& task) const {
  if (task.partitions == 0) return map_to_output(task);
  TaskContext context{task.parameters, task.counters};
  const auto partitioner = this->partitioner(context);
  if (!partitioner) return tl::unexpected(partitioner.error());
  const auto combiner = classes_.combiner ? classes_.combiner() : nullptr;
  if (combiner != nullptr) {
    const Status ready = guarded("combiner", [&] { return combiner->setup(context); });
    if (!ready) return tl::unexpected(ready.error());
  }
  PairCollector collector(task, {.partitioner = partitioner->get(),
                                 .combiner = combiner.get(),
                                 .comparison = classes_.key_comparison});
  const Status mapped = run_mapper(task, collector, [&] { return collector.status(); });
  if (!mapped) return tl::unexpected(mapped.error());
  return collector.finish();
}

Result<MapOutput> ClassJob::map_to_output(MapTask& task) const {
  auto writer = output_->create(task.files, task.output_path);
  if (!writer) return tl::unexpected(writer.error());
  OutputEmitter out(**writer);
  const Status mapped = run_mapper(task, out, [&] { return out.status(); });
  if (!mapped) return tl::unexpected(mapped.error());
  const auto bytes = (*writer)->close();
  if (!bytes) return tl::unexpected(bytes.error());
  task.counters.add(counter::map_output_records, out.records());
  task.counters.add(counter::map_output_bytes, *bytes);
  return MapOutput{};
}

// ---- reduce ------------------------------------------------------------------------------------

Status ClassJob::reduce(ReduceTask& task) const {
  auto writer = output_->create(task.files, task.output_path);
  if (!writer) return tl::unexpected(writer.error());
  const auto reducer = classes_.reducer();
  OutputEmitter out(**writer);
  TaskContext context{task.parameters, task.counters};
  GroupCounts counted;
  const auto after_group = [&](const GroupCounts& counts) -> Status {
    counted = counts;
    task.records_done = counts.records;
    if (task.stop.stop_requested()) return stopped();
    return out.status();
  };
  Status done = guarded("reducer", [&] { return reducer->setup(context); });
  const auto groups = classes_.grouping != nullptr ? classes_.grouping : classes_.key_comparison;
  if (done) done = reduce_groups(task.input, groups, *reducer, out, after_group);
  if (done) done = guarded("reducer", [&] { return reducer->cleanup(out); });
  if (done) done = out.status();
  if (!done) return done;
  const auto bytes = (*writer)->close();
  if (!bytes) return tl::unexpected(bytes.error());
  task.counters.add(counter::reduce_input_groups, counted.groups);
  task.counters.add(counter::reduce_output_records, out.records());
  task.counters.add(counter::reduce_output_bytes, *bytes);
  return {};
}

}  // namespace mesolite::hadoop
