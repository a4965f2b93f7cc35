// Reading the input of a map task record by record, counted, until it is to stop.
#pragma once

#include <cstdint>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

// `take` gets each record of the piece and says whether to go on.
template <class Take>
Status for_each_record(const InputFormat& format, const Piece& piece, MapTask& task, Take take) {
  auto reader = format.open(task.files, piece);
  if (!reader) return tl::unexpected(reader.error());
  InputRecord record;
  std::uint64_t records = 0;
  while (true) {
    const auto more = (*reader)->next(record);
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    ++records;
    if (task.stop.stop_requested()) return stopped();
    if (Status taken = take(record); !taken) return taken;
  }
  task.counters.add(counter::map_input_records, records);
  task.counters.add(counter::map_input_bytes, piece.length);
  task.bytes_done += piece.length;
  return {};
}

}  // namespace mesolite::hadoop
