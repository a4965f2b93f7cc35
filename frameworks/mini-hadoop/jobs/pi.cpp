#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/api/formats.hpp"
#include "frameworks/mini-hadoop/engine/sums.hpp"
#include "frameworks/mini-hadoop/jobs/builtin.hpp"

namespace mesolite::hadoop {
namespace {

// The radical inverse of `index`: its digits in this base, mirrored at the point. Points with
// inverses in two bases as coordinates (a Halton sequence, as in Hadoop's example) fill the unit
// square more evenly than random ones.
double radical_inverse(std::uint64_t index, std::uint64_t base) {
  double inverse = 0;
  double digit_value = 1;
  for (; index > 0; index /= base) {
    digit_value /= static_cast<double>(base);
    inverse += digit_value * static_cast<double>(index % base);
  }
  return inverse;
}

bool inside_circle(std::uint64_t index) {
  const double x = radical_inverse(index, 2) - 0.5;
  const double y = radical_inverse(index, 3) - 0.5;
  return x * x + y * y <= 0.25;
}

constexpr std::uint64_t samples_max = std::uint64_t{1} << 40;  // of a map

// Its pieces are ranges of points and have no path.
class Pi final : public Job {
 public:
  Pi(std::uint64_t maps, std::uint64_t samples) : maps_(maps), samples_(samples) {}

  Status prepare(StageSetup& setup) const override {
    setup.splits.clear();
    for (std::uint64_t map = 0; map < maps_; ++map) {
      setup.splits.push_back({{{"", map * samples_ + 1, samples_}}});
    }
    return {};
  }

  Result<MapOutput> map(MapTask& task) const override {
    SumCollector sums(task);
    for (const Piece& points : task.split.pieces) {
      std::uint64_t inside = 0;
      for (std::uint64_t i = 0; i < points.length; ++i) {
        inside += inside_circle(points.offset + i) ? 1 : 0;
      }
      if (task.stop.stop_requested()) return stopped();
      task.bytes_done += points.length;
      sums.add("inside", inside);
      sums.add("outside", points.length - inside);
    }
    return sums.finish();
  }

  Status reduce(ReduceTask& task) const override {
    const auto sums = read_sums(task.input);
    if (!sums) return tl::unexpected(sums.error());
    const std::uint64_t inside = sums->contains("inside") ? sums->at("inside") : 0;
    const std::uint64_t all = maps_ * samples_;
    std::array<char, 64> estimate{};
    std::snprintf(estimate.data(), estimate.size(), "%.15f",
                  4 * static_cast<double>(inside) / static_cast<double>(all));
    auto writer = TextOutputFormat().create(task.files, task.output_path);
    if (!writer) return tl::unexpected(writer.error());
    Status written = (*writer)->write("inside", std::to_string(inside));
    if (written) written = (*writer)->write("outside", std::to_string(all - inside));
    if (written) written = (*writer)->write("pi", estimate.data());
    if (!written) return written;
    const auto bytes = (*writer)->close();
    return bytes ? Status{} : tl::unexpected(bytes.error());
  }

 private:
  std::uint64_t maps_;
  std::uint64_t samples_;
};

}  // namespace

Result<std::unique_ptr<Job>> pi_job(const Parameters& parameters) {
  const auto maps = number_parameter(parameters, "maps", splits_max);
  if (!maps) return tl::unexpected(maps.error());
  const auto samples = number_parameter(parameters, "samples", samples_max);
  if (!samples) return tl::unexpected(samples.error());
  if (*maps == 0 || *samples == 0) return failure("pi needs at least one map and one sample");
  return std::make_unique<Pi>(*maps, *samples);
}

}  // namespace mesolite::hadoop
