#include "frameworks/mini-hadoop/engine/class_job.hpp"

#include <utility>

#include "frameworks/mini-hadoop/engine/groups.hpp"
#include "frameworks/mini-hadoop/engine/pair_collector.hpp"
#include "mesolite/base/check.hpp"

namespace mesolite::hadoop {
namespace {

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

Status map_piece(const InputFormat& input, const Piece& piece, MapTask& task, Mapper& mapper,
                 PairCollector& collector) {
  auto reader = input.open(task.files, piece);
  if (!reader) return tl::unexpected(reader.error());
  InputRecord record;
  std::uint64_t records = 0;
  while (true) {
    const auto more = (*reader)->next(record);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    ++records;
    if (task.stop.stop_requested()) return stopped();
    if (auto mapped = mapper.map(record, collector); !mapped) return mapped;
    if (!collector.status()) return collector.status();
  }
  task.counters.add(counter::map_input_records, records);
  task.counters.add(counter::map_input_bytes, piece.length);
  task.bytes_done += piece.length;
  return {};
}

}  // namespace

ClassJob::ClassJob(JobClasses classes)
    : classes_(std::move(classes)),
      input_(classes_.input ? classes_.input() : std::make_unique<TextInputFormat>()),
      output_(classes_.output ? classes_.output() : std::make_unique<TextOutputFormat>()) {
  MESOLITE_CHECK(classes_.mapper && classes_.reducer, "a job has a mapper and a reducer");
}

Result<MapOutput> ClassJob::map(MapTask& task) const {
  const auto mapper = classes_.mapper();
  const auto combiner = classes_.combiner ? classes_.combiner() : nullptr;
  const auto partitioner = classes_.partitioner ? classes_.partitioner() : nullptr;
  PairCollector collector(task, {.partitioner = partitioner.get(),
                                 .combiner = combiner.get(),
                                 .comparison = classes_.key_comparison});
  TaskContext context{task.parameters, task.counters};
  const Status mapped = guarded("mapper", [&]() -> Status {
    if (auto ready = mapper->setup(context); !ready) return ready;
    for (const Piece& piece : task.split.pieces) {
      auto done = map_piece(*input_, piece, task, *mapper, collector);
      if (!done) return done;
    }
    return mapper->cleanup(collector);
  });
  if (!mapped) return tl::unexpected(mapped.error());
  return collector.finish();
}

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
  if (done) {
    done = reduce_groups(task.input, classes_.key_comparison, *reducer, out, after_group);
  }
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
