// Where records come from: collections of the driver, ranges of numbers, files.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/engine/driver_values.hpp"
#include "frameworks/mini-spark/engine/files.hpp"
#include "frameworks/mini-spark/engine/node.hpp"
#include "frameworks/mini-spark/records/hash.hpp"

namespace mesolite::spark {

// The part of `size` things that falls to a partition, as [first, second).
inline std::pair<std::uint64_t, std::uint64_t> slice(std::uint64_t size, std::uint32_t partition,
                                                     std::uint32_t partitions) {
  const auto wide = static_cast<Wide>(size);
  return {static_cast<std::uint64_t>(wide * partition / partitions),
          static_cast<std::uint64_t>(wide * (partition + 1) / partitions)};
}

// parallelize: a collection of the driver. Workers ask it for the partitions that they compute; no
// stage carries records that nobody needs there, because they are cached, say.
template <class T>
class CollectionNode final : public TypedNode<T> {
 public:
  using Records = RecordBuffer<T>;

  // `records`: null in a worker.
  CollectionNode(NodeSeed seed, std::shared_ptr<const Records> records)
      : TypedNode<T>(std::move(seed)), records_(std::move(records)) {}
  ~CollectionNode() override {
    if (records_) DriverValues::of_process().drop(this->id());
  }

  void compute(TaskContext& task, std::uint32_t partition, Sink<T>& sink) const override {
    if (records_) {
      const auto records = part_of(*records_, partition, this->partitions());
      task.metrics.records_read += records.size();
      sink.push(records);
      return;
    }
    const std::string bytes = DriverValues::of_process().part(this->id(), partition);
    Emitter<T> out(sink);
    unpack_chunk<T>(bytes, [&](const T& record) {
      ++task.metrics.records_read;
      out.emit(record);
    });
    out.flush();
  }

  const Registration& registration() const override { return registration_of<CollectionNode>; }
  // From now on workers may ask.
  void save(CapturePacker&) const override {
    const auto packed = [records = records_, partitions = this->partitions()](std::uint32_t part) {
      Packer out;
      for (const T& record : part_of(*records, part, partitions)) pack(out, record);
      return out.text();
    };
    DriverValues::of_process().add(this->id(), packed);
  }
  static std::shared_ptr<Node> make(Unpacker&, NodeSeed seed) {
    return std::make_shared<CollectionNode>(std::move(seed), nullptr);
  }

 private:
  static std::span<const T> part_of(const Records& records, std::uint32_t partition,
                                    std::uint32_t partitions) {
    const auto [first, last] = slice(records.size(), partition, partitions);
    return records.records().subspan(first, last - first);
  }

  const std::shared_ptr<const Records> records_;
};

// The integers first, first + step, …, `count` of them.
class RangeNode final : public TypedNode<std::int64_t> {
 public:
  RangeNode(NodeSeed seed, std::int64_t first, std::int64_t step, std::uint64_t count)
      : TypedNode(std::move(seed)), first_(first), step_(step), count_(count) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<std::int64_t>& sink) const override;
  const Registration& registration() const override;
  void save(CapturePacker& out) const override;
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed);

 private:
  const std::int64_t first_;
  const std::int64_t step_;
  const std::uint64_t count_;
};

// What a partition of files is: its splits are the partitions. Format says what their records are:
// a struct with MESOLITE_FIELDS, `Record`, and read(task, split, Emitter<Record>&).
template <class Format>
class FileNode final : public TypedNode<typename Format::Record> {
 public:
  using T = typename Format::Record;

  FileNode(NodeSeed seed, Format format, std::vector<FileSplit> splits)
      : TypedNode<T>(std::move(seed)), format_(std::move(format)), splits_(std::move(splits)) {}

  void compute(TaskContext& task, std::uint32_t partition, Sink<T>& sink) const override {
    Emitter<T> out(sink);
    format_.read(task, splits_[partition], out);
    out.flush();
  }
  const Registration& registration() const override { return registration_of<FileNode>; }
  void save(CapturePacker& out) const override {
    pack(out, format_);
    pack(out, splits_);
  }
  static std::shared_ptr<Node> make(Unpacker& in, NodeSeed seed) {
    Format format;
    std::vector<FileSplit> splits;
    unpack(in, format);
    unpack(in, splits);
    if (splits.size() != seed.partitions) in.fail();
    return std::make_shared<FileNode>(std::move(seed), std::move(format), std::move(splits));
  }

 private:
  const Format format_;
  const std::vector<FileSplit> splits_;
};

// Lines; as views they point into the mapped file and live as long as the task.
template <class Line>
struct TextLines {
  using Record = Line;
  MESOLITE_FIELDS();

  void read(TaskContext& task, const FileSplit& split, Emitter<Line>& out) const {
    const auto mapped = MappedPart::map(split);
    task.keep(mapped);
    std::uint64_t lines = 0;
    for_each_line(mapped->file(), split, [&](std::string_view line) {
      if ((++lines & 0xFFFF) == 0) task.throw_if_stopped();
      out.emit(line);
      return out.open();
    });
    task.metrics.records_read += lines;
  }
};

// Whole files: path and content.
struct WholeTexts {
  using Record = std::pair<std::string, std::string>;
  MESOLITE_FIELDS();

  void read(TaskContext& task, const FileSplit& split, Emitter<Record>& out) const {
    const auto mapped = MappedPart::map(split);
    ++task.metrics.records_read;
    out.emit(split.path, std::string(mapped->file()));
  }
};

// Records of one length.
struct BinaryRecords {
  using Record = std::string;
  std::uint64_t length = 1;
  MESOLITE_FIELDS(length);

  void read(TaskContext& task, const FileSplit& split, Emitter<Record>& out) const {
    const auto mapped = MappedPart::map(split);
    const std::string_view part = mapped->file().substr(split.offset, split.length);
    for (std::size_t at = 0; at + length <= part.size() && out.open(); at += length) {
      out.emit(part.substr(at, length));
      ++task.metrics.records_read;
    }
  }
};

// What save_as_object_file wrote: frames of packed records, a split a file.
template <class T>
struct ObjectRecords {
  using Record = T;
  MESOLITE_FIELDS();

  void read(TaskContext& task, const FileSplit& split, Emitter<T>& out) const {
    const auto mapped = MappedPart::map(split);
    const TakeChunk take = [&](std::string_view chunk) {
      task.throw_if_stopped();
      unpack_chunk<T>(chunk, [&](const T& record) {
        out.emit(record);
        ++task.metrics.records_read;
      });
    };
    FrameDecoder decoder(split.path, take);
    need(decoder.add(mapped->file()));
    need(decoder.finish());
  }
};

}  // namespace mesolite::spark
