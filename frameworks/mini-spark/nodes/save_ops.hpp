// The actions that write files: save_as_text_file, save_as_object_file.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <sstream>
#include <string>

#include "frameworks/mini-spark/engine/files.hpp"
#include "frameworks/mini-spark/engine/node.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::spark {

// "(a,b)" of pairs, as Spark prints them; what has operator<< as that says.
template <class T>
void print_record(std::ostream& out, const T& record) {
  if constexpr (is_pair<T>) {
    out << '(';
    print_record(out, record.first);
    out << ',';
    print_record(out, record.second);
    out << ')';
  } else if constexpr (Container<T>) {
    out << '[';
    const char* separator = "";
    for (const auto& each : record) {
      out << separator;
      print_record(out, each);
      separator = ", ";
    }
    out << ']';
  } else {
    out << record;
  }
}

template <class T>
struct SaveTextOp {
  using Result = std::uint64_t;  // lines
  std::string directory;
  MESOLITE_PARTS(directory)
  struct Run {
    const std::string& directory;
    TaskPlace place;
    std::ostringstream text = {};
    std::uint64_t lines = 0;
    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) {
        print_record(text, record);
        text << '\n';
      }
      lines += batch.size();
      return true;
    }
    std::uint64_t finish() {
      write_part(directory, place.partition, place.serial, [this](const std::string& path) {
        data::File file = need(data::File::create(path));
        need(file.write(text.view()));
        need(file.close());
      });
      return lines;
    }
  };
  Run start(TaskContext& task, std::uint32_t) const { return {directory, task.place()}; }
};

template <class T>
struct SaveObjectOp {
  using Result = std::uint64_t;  // records
  std::string directory;
  MESOLITE_PARTS(directory)
  struct Run {
    const std::string& directory;
    TaskContext& task;
    Packer chunk = {};
    std::uint64_t records = 0;
    std::unique_ptr<ChunkFile> file = {};

    void write() {
      if (!file) file = task.environment().shuffles.new_file("object");
      file->append(chunk.view());
      chunk.clear();
    }
    bool operator()(std::span<const T> batch) {
      for (const T& record : batch) {
        pack(chunk, record);
        if (chunk.size() >= chunk_size) write();
      }
      records += batch.size();
      return true;
    }
    std::uint64_t finish() {
      if (chunk.size() > 0 || !file) write();
      file->finish();
      const TaskPlace& place = task.place();
      write_part(directory, place.partition, place.serial, [this](const std::string& path) {
        ChunkFile whole(path);
        whole.append(*file, {0, file->size()});
        whole.finish();
        whole.leave();
      });
      return records;
    }
  };
  Run start(TaskContext& task, std::uint32_t) const { return {directory, task}; }
};

}  // namespace mesolite::spark
