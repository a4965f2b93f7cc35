// SparkContext: the sources that are templates. Part of rdd.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/api/rdd.hpp"

namespace mesolite::spark {

template <class T>
RDD<T> SparkContext::parallelize(const std::vector<T>& records, std::uint32_t partitions) {
  auto shared = std::make_shared<RecordBuffer<T>>();
  shared->reserve(records.size());
  for (const auto& record : records) shared->emplace_back(record);
  return {*this,
          std::make_shared<CollectionNode<T>>(
              seed("parallelize", partitions_or_default(partitions), {}), std::move(shared))};
}

template <class T>
RDD<T> SparkContext::empty() {
  return {*this, std::make_shared<CollectionNode<T>>(seed("empty", 0, {}),
                                                     std::make_shared<RecordBuffer<T>>())};
}

template <class T>
RDD<T> SparkContext::object_file(const std::string& path) {
  std::vector<FileSplit> files = whole_files(path);
  const auto partitions = static_cast<std::uint32_t>(files.size());
  return {*this, std::make_shared<FileNode<ObjectRecords<T>>>(
                     seed("object_file", partitions, {}), ObjectRecords<T>{}, std::move(files))};
}

}  // namespace mesolite::spark
