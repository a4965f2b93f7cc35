#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/pair_collector.hpp"
#include "frameworks/mini-hadoop/input/fixed_source.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"
#include "frameworks/mini-hadoop/jobs/tera_record.hpp"
#include "mesolite/base/bytes.hpp"
#include "mesolite/protocol/codec.hpp"

namespace mesolite::hadoop {
namespace {

// What one piece is like. Its key is where it lies: the path, a zero byte, the offset in hex, so
// that the order of keys is that of the pieces.
struct PieceSummary {
  Bytes first_key;  // keys need not be text
  Bytes last_key;
  std::uint64_t records = 0;
  std::uint64_t checksum = 0;
  std::uint64_t disorders = 0;
  std::string first_disorder;
  MESOLITE_FIELDS(first_key, last_key, records, checksum, disorders, first_disorder);

  void note_disorder(const std::string& where) {
    if (disorders++ == 0) first_disorder = where;
  }
};

std::string place_of(const std::string& path, std::uint64_t offset) {
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(offset));
  return path + '\0' + digits.data();
}

Result<PieceSummary> summarise(const Piece& piece, MapTask& task) {
  auto source = FixedSource::open(task.files, piece, task.workspace.input(), tera_record_size);
  if (!source) return tl::unexpected(source.error());
  PieceSummary summary;
  while (true) {
    const auto chunk = source->next();
    if (!chunk) return tl::unexpected(chunk.error());
    if (chunk->empty()) return summary;
    if (task.stop.stop_requested()) return stopped();
    for (std::size_t at = 0; at < chunk->size(); at += tera_record_size) {
      const std::string_view record = chunk->substr(at, tera_record_size);
      const std::string_view key = record.substr(0, tera_key_size);
      if (summary.records++ == 0) {
        summary.first_key = Bytes(key);
      } else if (key < summary.last_key.view()) {
        summary.note_disorder("'" + piece.path + "' byte " +
                              std::to_string(source->chunk_offset() + at));
      }
      summary.last_key = Bytes(key);
      summary.checksum += hash_tera_record(record);
    }
    task.bytes_done += chunk->size();
  }
}

class TeraValidate final : public Job {
 public:
  Result<MapOutput> map(MapTask& task) const override {
    PairCollector collector(task, {});
    for (const Piece& piece : task.split.pieces) {
      const auto summary = summarise(piece, task);
      if (!summary) return tl::unexpected(summary.error());
      if (summary->records > 0) {
        collector.add(place_of(piece.path, piece.offset), encode(*summary), 0);
      }
    }
    return collector.finish();
  }

  Status reduce(ReduceTask& task) const override {
    PieceSummary all;
    while (true) {
      const auto more = task.input.next();
      if (!more) return tl::unexpected(more.error());
      if (!*more) break;
      const auto piece = decode<PieceSummary>(task.input.value());
      if (!piece) return failure("cannot read a summary", piece.error());
      const std::string place(task.input.key().substr(0, task.input.key().find('\0')));
      if (all.records > 0 && piece->first_key.view() < all.last_key.view()) {
        all.note_disorder("'" + place + "' begins before what precedes it ends");
      }
      if (piece->disorders > 0) all.note_disorder(piece->first_disorder);
      all.disorders += piece->disorders > 0 ? piece->disorders - 1 : 0;
      all.records += piece->records;
      all.checksum += piece->checksum;
      all.last_key = piece->last_key;
    }
    return write(all, task);
  }

 private:
  static Status write(const PieceSummary& all, ReduceTask& task) {
    auto writer = TextOutputFormat().create(task.files, task.output_path);
    if (!writer) return tl::unexpected(writer.error());
    Status written = (*writer)->write("records", std::to_string(all.records));
    if (written) written = (*writer)->write(tera_checksum, std::to_string(all.checksum));
    if (written) written = (*writer)->write("out of order", std::to_string(all.disorders));
    if (written && all.disorders > 0) {
      written = (*writer)->write("the first of them", all.first_disorder);
    }
    if (!written) return written;
    const auto bytes = (*writer)->close();
    if (!bytes) return tl::unexpected(bytes.error());
    task.counters.add(counter::reduce_output_bytes, *bytes);
    task.counters.add(tera_checksum, all.checksum);
    task.counters.add(counter::records_out_of_order, all.disorders);
    return {};
  }
};

}  // namespace

std::unique_ptr<Job> tera_validate_job() {
  return std::make_unique<TeraValidate>();
}

}  // namespace mesolite::hadoop
