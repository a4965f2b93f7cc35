// Jobs in shared libraries of their own (api/job_library.hpp).
#pragma once

#include <memory>

#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

// Parameters: "library" (path of the file; where there is "files", the directory of the files
// shipped, the file of that name in it), and those of the job itself. A library that cannot be used
// is one sentence. It stays loaded to the end of the process: its objects may be anywhere.
Result<std::unique_ptr<Job>> library_job(const Parameters& parameters);

}  // namespace mesolite::hadoop
