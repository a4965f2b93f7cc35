// ClassJob: runs a job that is given as classes (api/classes.hpp).
#pragma once

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

// How many records of each map task its mapper may refuse; they are reported, with where they are.
// What it emitted before it refused one stays.
inline constexpr std::string_view skip_parameter = "skip bad records";

class ClassJob final : public Job {
 public:
  // Makers that are left out stand for text in, text out, hash partition and no combiner.
  explicit ClassJob(JobClasses classes);

  bool splittable(const std::string& path) const override { return input_->splittable(path); }
  data::KeyComparison key_comparison() const override { return classes_.key_comparison; }
  Status prepare(StageSetup& setup) const override;
  Result<MapOutput> map(MapTask& task) const override;
  Status reduce(ReduceTask& task) const override;

 private:
  Result<MapOutput> map_to_output(MapTask& task) const;
  // Runs a mapper of its own over all pieces; `status` tells whether `out` has failed.
  Status run_mapper(MapTask& task, Emitter& out, const std::function<Status()>& status) const;
  Status map_piece(const Piece& piece, MapTask& task, Mapper& mapper, Emitter& out,
                   const std::function<Status()>& status) const;
  Result<std::unique_ptr<Partitioner>> partitioner(TaskContext& context) const;

  JobClasses classes_;
  std::unique_ptr<InputFormat> input_;
  std::unique_ptr<OutputFormat> output_;
};

}  // namespace mesolite::hadoop
