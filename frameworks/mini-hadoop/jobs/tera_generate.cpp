#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "frameworks/mini-hadoop/input/buffered_writer.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/jobs/tera_record.hpp"

namespace mesolite::hadoop {
namespace {

constexpr std::uint64_t rows_between_checks = 4096;

// Its pieces are ranges of rows and have no path.
class TeraGenerate final : public Job {
 public:
  TeraGenerate(std::uint64_t rows, std::uint64_t maps) : rows_(rows), maps_(maps) {}

  Status prepare(StageSetup& setup) const override {
    setup.splits.clear();
    for (std::uint64_t map = 0; map < maps_; ++map) {
      const std::uint64_t first = rows_ * map / maps_;
      setup.splits.push_back({{{"", first, rows_ * (map + 1) / maps_ - first}}});
    }
    return {};
  }

  Result<MapOutput> map(MapTask& task) const override {
    auto file = task.files.create(task.output_path);
    if (!file) return tl::unexpected(file.error());
    BufferedWriter out(std::move(*file));
    std::uint64_t checksum = 0;
    for (const Piece& rows : task.split.pieces) {
      if (auto written = write(rows, out, checksum, task); !written) {
        return tl::unexpected(written.error());
      }
    }
    const auto bytes = out.close();
    if (!bytes) return tl::unexpected(bytes.error());
    task.counters.add(counter::map_output_records, *bytes / tera_record_size);
    task.counters.add(counter::map_output_bytes, *bytes);
    task.counters.add(tera_checksum, checksum);
    return MapOutput{};
  }

  Status reduce(ReduceTask&) const override { return failure("teragen has no reduces"); }

 private:
  static Status write(const Piece& rows, BufferedWriter& out, std::uint64_t& checksum,
                      MapTask& task) {
    for (std::uint64_t i = 0; i < rows.length; ++i) {
      const TeraRecord record = make_tera_record(rows.offset + i);
      const std::string_view bytes(record.data(), record.size());
      checksum += hash_tera_record(bytes);
      out.text().append(bytes);
      if (auto flushed = out.flush_if_full(); !flushed) return flushed;
      if (i % rows_between_checks != 0) continue;
      if (task.stop.stop_requested()) return stopped();
      task.bytes_done = i;
    }
    return {};
  }

  std::uint64_t rows_;
  std::uint64_t maps_;
};

}  // namespace

Result<std::unique_ptr<Job>> tera_generate_job(const Parameters& parameters) {
  const auto rows = number_parameter(parameters, "rows");
  if (!rows) return tl::unexpected(rows.error());
  const auto maps = number_parameter(parameters, "maps", splits_max);
  if (!maps) return tl::unexpected(maps.error());
  return std::make_unique<TeraGenerate>(*rows, std::max<std::uint64_t>(1, std::min(*maps, *rows)));
}

}  // namespace mesolite::hadoop
