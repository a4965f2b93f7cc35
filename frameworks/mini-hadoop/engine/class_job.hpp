// ClassJob: runs a job that is given as classes (api/classes.hpp).
#pragma once

#include "frameworks/mini-hadoop/api/classes.hpp"
#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/job.hpp"

namespace mesolite::hadoop {

class ClassJob final : public Job {
 public:
  // Makers that are left out stand for text in, text out, hash partition and no combiner.
  explicit ClassJob(JobClasses classes);

  bool splittable() const override { return input_->splittable(); }
  data::KeyComparison key_comparison() const override { return classes_.key_comparison; }
  Result<MapOutput> map(MapTask& task) const override;
  Status reduce(ReduceTask& task) const override;

 private:
  JobClasses classes_;
  std::unique_ptr<InputFormat> input_;
  std::unique_ptr<OutputFormat> output_;
};

}  // namespace mesolite::hadoop
