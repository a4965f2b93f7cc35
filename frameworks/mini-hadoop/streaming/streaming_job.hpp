// Streaming: a job whose mapper, combiner and reducer are commands that read and write lines, with
// the rules of Hadoop's streaming manual:
//
//   mapper:   gets the lines of its split; a line that it writes is "key<TAB>value", or a key alone
//   combiner: gets the sorted "key<TAB>value" lines of one spill, and writes such lines
//   reducer:  gets the sorted "key<TAB>value" lines of its partition; what it writes is the output
//
// On standard error, "reporter:counter:GROUP,NAME,AMOUNT" adds to a counter, "reporter:status:TEXT"
// says what it is at; the rest is the command's own, and its end is shown if the command fails.
// Commands run in the directory of the files that the job ships, which their PATH begins with. The
// environment has what Hadoop's scripts ask for: mapreduce_map_input_file, _start and _length,
// mapreduce_task_partition, mapreduce_task_ismap, mapreduce_job_reduces, -cmdenv, and each -D that
// has a point in its name ("my.limit" as my_limit).
#pragma once

#include <memory>

#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

// Parameters: "mapper" and "reducer" (commands), "combiner" (a command; may be missing),
// "environment" ("NAME=VALUE" lines), "separator" (one byte; a tab), "key fields" (how many of the
// fields of a line are its key; 1), "files" (directory of the files shipped).
Result<std::unique_ptr<Job>> streaming_job(const Parameters& parameters);

}  // namespace mesolite::hadoop
