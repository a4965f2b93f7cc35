// The actions that write files: save_as_text_file, save_as_object_file.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "frameworks/mini-spark/engine/files.hpp"
#include "frameworks/mini-spark/engine/node.hpp"
#include "frameworks/mini-spark/records/print.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::spark {

// A line a record.
template <class T>
struct SaveTextOp {
  using Result = std::uint64_t;  // lines
  std::string directory;
  MESOLITE_PARTS(directory)

  class Run {
   public:
    Run(const std::string& directory, const TaskPlace& place)
        : part_(directory, place.partition, place.serial),
          file_(need(data::File::create(part_.path()))) {}

    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) {
        print_record(text_, record);
        text_ += '\n';
        if (text_.size() >= chunk_size) write();
      }
      lines_ += batch.size();
      return true;
    }
    std::uint64_t finish() {
      write();
      need(file_.close());
      part_.finish();
      return lines_;
    }

   private:
    void write() {
      need(file_.write(text_));
      text_.clear();
    }

    OutputPart part_;
    data::File file_;
    std::string text_;
    std::uint64_t lines_ = 0;
  };
  Run start(TaskContext& task, std::uint32_t) const { return Run(directory, task.place()); }
};

// Frames of packed records.
template <class T>
struct SaveObjectOp {
  using Result = std::uint64_t;  // records
  std::string directory;
  MESOLITE_PARTS(directory)

  class Run {
   public:
    Run(const std::string& directory, const TaskPlace& place)
        : part_(directory, place.partition, place.serial), file_(part_.path()) {}

    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) {
        pack(chunk_, record);
        if (chunk_.size() >= chunk_size) write();
      }
      records_ += batch.size();
      return true;
    }
    std::uint64_t finish() {
      if (chunk_.size() > 0) write();
      file_.finish();
      part_.finish();  // under another name, which stays when the file's object goes
      return records_;
    }

   private:
    void write() {
      file_.append(chunk_.view());
      chunk_.clear();
    }

    OutputPart part_;
    ChunkFile file_;
    Packer chunk_;
    std::uint64_t records_ = 0;
  };
  Run start(TaskContext& task, std::uint32_t) const { return Run(directory, task.place()); }
};

}  // namespace mesolite::spark
