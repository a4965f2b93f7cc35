// A job library that says it was built for a mini-hadoop that never was.
#include "frameworks/mini-hadoop/api/job_library.hpp"

namespace {

mesolite::Result<mesolite::hadoop::JobClasses> make(const mesolite::hadoop::Parameters&) {
  return mesolite::hadoop::JobClasses{};
}

}  // namespace

extern "C" __attribute__((visibility("default")))
const mesolite::hadoop::JobLibrary mini_hadoop_job_library;
const mesolite::hadoop::JobLibrary mini_hadoop_job_library = {"mini-hadoop 0", "foreign", "", make};
