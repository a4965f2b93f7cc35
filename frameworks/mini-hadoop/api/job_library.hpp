// A job of your own as a shared library: write the classes (classes.hpp), and one line,
//
//   MINI_HADOOP_JOB("line-lengths", "Counts lines by their length", make_line_lengths)
//
// where make_line_lengths(const Parameters&) answers Result<JobClasses>. Build it with
// find_package(mesolite) and mini_hadoop_add_job(), run it with `mini-hadoop jar FILE …`: the file
// is shipped to the executors by its content.
//
// C++ objects cross this border, so library and program must agree on the standard library and on
// these headers; `abi` says so, and a library of another one is refused with both names.
#pragma once

#include <cstdint>

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/api/formats.hpp"
#include "mesolite/base/result.hpp"

#define MINI_HADOOP_TEXT_(x) #x
#define MINI_HADOOP_TEXT(x) MINI_HADOOP_TEXT_(x)

namespace mesolite::hadoop {

// Of these headers: raised when a class in them changes.
#define MINI_HADOOP_API 2

inline constexpr const char* job_library_abi =
    "mini-hadoop " MINI_HADOOP_TEXT(MINI_HADOOP_API) ", libstdc++ " MINI_HADOOP_TEXT(
        _GLIBCXX_RELEASE) ", cxx11 abi " MINI_HADOOP_TEXT(_GLIBCXX_USE_CXX11_ABI);

struct JobLibrary {
  const char* abi;
  const char* name;
  const char* summary;
  Result<JobClasses> (*make)(const Parameters& parameters);
};

// The one symbol of a job library.
inline constexpr const char* job_library_symbol = "mini_hadoop_job_library";

}  // namespace mesolite::hadoop

#define MINI_HADOOP_JOB(name, summary, make)                       \
  extern "C" __attribute__((visibility("default")))                \
  const ::mesolite::hadoop::JobLibrary mini_hadoop_job_library;    \
  const ::mesolite::hadoop::JobLibrary mini_hadoop_job_library = { \
      ::mesolite::hadoop::job_library_abi, name, summary, make};
