#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frameworks/mini-hadoop/engine/pair_collector.hpp"
#include "frameworks/mini-hadoop/engine/total_order.hpp"
#include "frameworks/mini-hadoop/input/buffered_writer.hpp"
#include "frameworks/mini-hadoop/input/fixed_source.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/jobs/tera_record.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t records_between_checks = 4096;

// Calls visit(key, value) for each record of a piece.
template <class Visit>
Status for_each_record(const FileSystem& files, const Piece& piece, data::Buffer& buffer,
                       Visit&& visit) {
  auto source = FixedSource::open(files, piece, buffer, tera_record_size);
  if (!source) return tl::unexpected(source.error());
  while (true) {
    const auto chunk = source->next();
    if (!chunk) return tl::unexpected(chunk.error());
    if (chunk->empty()) return {};
    for (std::size_t at = 0; at < chunk->size(); at += tera_record_size) {
      const std::string_view record = chunk->substr(at, tera_record_size);
      visit(record.substr(0, tera_key_size), record.substr(tera_key_size));
    }
  }
}

class TeraSort final : public Job {
 public:
  Status prepare(StageSetup& setup) const override {
    std::vector<std::string> sample;
    data::Buffer buffer;
    for (const Piece& piece : sample_pieces(setup.splits)) {
      const Status read =
          for_each_record(setup.files, piece, buffer,
                          [&](std::string_view key, auto) { sample.emplace_back(key); });
      if (!read) return read;
    }
    setup.parameters[std::string(cut_points_parameter)] =
        cut_points(std::move(sample), setup.reduces, nullptr);
    return {};
  }

  Result<MapOutput> map(MapTask& task) const override {
    const auto order = TotalOrder::of(task.parameters, nullptr);
    if (!order) return tl::unexpected(order.error());
    PairCollector collector(task, {});
    for (const Piece& piece : task.split.pieces) {
      std::uint64_t records = 0;
      const Status read = for_each_record(task.files, piece, task.workspace.input(),
                                          [&](std::string_view key, std::string_view value) {
                                            collector.add(key, value, order->partition(key));
                                            if (++records % records_between_checks == 0) {
                                              task.bytes_done +=
                                                  records_between_checks * tera_record_size;
                                            }
                                          });
      if (!read) return tl::unexpected(read.error());
      if (task.stop.stop_requested()) return stopped();
      task.counters.add(counter::map_input_records, records);
      task.counters.add(counter::map_input_bytes, records * tera_record_size);
    }
    return collector.finish();
  }

  Status reduce(ReduceTask& task) const override {
    auto file = task.files.create(task.output_path);
    if (!file) return tl::unexpected(file.error());
    BufferedWriter out(std::move(*file));
    std::uint64_t records = 0;
    while (true) {
      const auto more = task.input.next();
      if (!more) return tl::unexpected(more.error());
      if (!*more) break;
      out.text().append(task.input.key()).append(task.input.value());
      if (auto flushed = out.flush_if_full(); !flushed) return flushed;
      if (++records % records_between_checks != 0) continue;
      task.records_done = records;
      if (task.stop.stop_requested()) return stopped();
    }
    const auto bytes = out.close();
    if (!bytes) return tl::unexpected(bytes.error());
    task.counters.add(counter::reduce_output_records, records);
    task.counters.add(counter::reduce_output_bytes, *bytes);
    return {};
  }
};

}  // namespace

std::unique_ptr<Job> tera_sort_job() {
  return std::make_unique<TeraSort>();
}

}  // namespace mesolite::hadoop
