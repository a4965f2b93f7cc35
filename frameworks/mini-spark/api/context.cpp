#include "frameworks/mini-spark/api/context.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "frameworks/mini-spark/api/rdd.hpp"
#include "frameworks/mini-spark/cluster/cluster_backend.hpp"
#include "frameworks/mini-spark/face/event_log.hpp"
#include "frameworks/mini-spark/face/page.hpp"
#include "frameworks/mini-spark/face/progress.hpp"
#include "frameworks/mini-spark/tracker/driver_core.hpp"
#include "frameworks/mini-spark/tracker/local_backend.hpp"
#include "mesolite/data/file.hpp"

namespace mesolite::spark {
namespace {

struct Pool {
  std::string name = "default";
  double weight = 1;
};
// As in Spark a property of the thread that submits.
thread_local Pool pool_of_thread;

Time now() {
  return Time(
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw SparkError(result.error().message);
  return std::move(*result);
}

data::ScratchDirectory make_scratch(const Options& options) {
  const std::string parent =
      options.scratch.empty() ? std::filesystem::temp_directory_path().string() : options.scratch;
  return value_or_throw(data::ScratchDirectory::create(parent, "mini-spark-"));
}

}  // namespace

class SparkContext::Implementation {
 public:
  explicit Implementation(Options chosen)
      : options(std::move(chosen)),
        scratch(make_scratch(options)),
        core(std::make_shared<DriverCore>(options.tracker, now)) {
    start_face();
    const std::uint32_t slots = value_or_throw(local_slots(options.master));
    if (slots > 0) {
      start_local(slots);
    } else {
      backend = value_or_throw(ClusterBackend::start(*core, options));
    }
    core->set_backend(backend.get());
  }
  ~Implementation() {
    backend.reset();
    announce(AppEventKind::application_ended);
  }

  void announce(AppEventKind kind) {
    AppEvent event;
    event.kind = kind;
    event.name = options.name;
    event.reason = options.master;
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    event.unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
    core->announce(std::move(event));
  }

  void start_face() {
    const bool log_wanted = !options.event_log.empty() || options.web_port >= 0;
    if (log_wanted) {
      log = std::make_unique<EventLog>(options.event_log);
      core->add_observer(log.get());
    }
    if (options.web_port >= 0) {
      page = value_or_throw(serve_page(static_cast<std::uint16_t>(options.web_port), *log));
      if (!options.quiet) std::fprintf(stderr, "page: http://127.0.0.1:%u/\n", page->port());
    }
    if (!options.quiet && ::isatty(STDERR_FILENO) != 0) {
      progress = std::make_unique<ProgressBar>(stderr);
      core->add_observer(progress.get());
    }
    announce(AppEventKind::application_started);
  }

  void start_local(std::uint32_t slots) {
    EnvironmentOptions local;
    local.scratch = scratch.path();
    local.memory = options.memory;
    local.slots = slots;
    environment.emplace(std::move(local));
    backend = std::make_unique<LocalBackend>(*core, *environment);
  }

  const Options options;
  std::string checkpoints;
  data::ScratchDirectory scratch;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<ProgressBar> progress;
  std::unique_ptr<HttpServer> page;
  // Shared with the nodes' last words, which may come late.
  std::shared_ptr<DriverCore> core;
  std::optional<Environment> environment;
  std::unique_ptr<Backend> backend;
};

SparkContext::SparkContext(Options options)
    : implementation_(std::make_unique<Implementation>(std::move(options))) {}
SparkContext::~SparkContext() = default;

const Options& SparkContext::options() const {
  return implementation_->options;
}

std::uint32_t SparkContext::default_partitions() const {
  if (options().partitions > 0) return options().partitions;
  return std::max(2U, 2 * implementation_->backend->slots());
}

std::uint64_t SparkContext::new_id() {
  static std::atomic<std::uint64_t> last = hash_partitioning;  // ids name partitionings, too
  return ++last;
}

void SparkContext::set_pool(const std::string& pool, double weight) {
  pool_of_thread = {pool, weight};
}

void SparkContext::set_checkpoint_directory(const std::string& path) {
  implementation_->checkpoints = std::filesystem::absolute(path).lexically_normal().string();
}

const std::string& SparkContext::checkpoint_directory() const {
  if (implementation_->checkpoints.empty()) {
    throw SparkError("checkpoint() needs set_checkpoint_directory() first");
  }
  return implementation_->checkpoints;
}

void SparkContext::adopt(Node& node) const {
  node.on_drop = [weak = std::weak_ptr<DriverCore>(implementation_->core)](std::uint64_t id) {
    if (const auto core = weak.lock()) core->forget(id);
  };
}

std::vector<std::string> SparkContext::run(std::shared_ptr<Node> action,
                                           std::vector<std::uint32_t> partitions) {
  return value_or_throw(implementation_->core->run(
      {std::move(action), std::move(partitions), pool_of_thread.name, pool_of_thread.weight}));
}

void SparkContext::unpersist(Node& node) {
  node.set_level(StorageLevel::none);
  implementation_->core->unpersist(node.id());
}

std::vector<FileSplit> SparkContext::splits(const std::string& path, std::uint32_t partitions_min,
                                            std::uint64_t unit) const {
  return make_splits(value_or_throw(list_files(path)), partitions_or_default(partitions_min), unit);
}

std::vector<FileSplit> SparkContext::whole_files(const std::string& path) const {
  std::vector<FileSplit> splits;
  for (const InputFile& file : value_or_throw(list_files(path))) {
    splits.push_back({file.path, 0, file.size});
  }
  return splits;
}

// ---- sources -----------------------------------------------------------------------------------

namespace {

template <class Format>
RDD<typename Format::Record> file_rdd(SparkContext& context, std::string name, Format format,
                                      std::vector<FileSplit> splits) {
  const auto partitions = static_cast<std::uint32_t>(splits.size());
  return {context, std::make_shared<FileNode<Format>>(context.seed(std::move(name), partitions, {}),
                                                      std::move(format), std::move(splits))};
}

}  // namespace

RDD<std::int64_t> SparkContext::range(std::int64_t first, std::int64_t last, std::int64_t step,
                                      std::uint32_t partitions) {
  if (step == 0) throw SparkError("range: a step of zero never gets anywhere");
  const auto distance = static_cast<std::uint64_t>(step > 0 ? last : first) -
                        static_cast<std::uint64_t>(step > 0 ? first : last);
  const std::uint64_t width = step > 0 ? static_cast<std::uint64_t>(step)
                                       : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  const bool none = step > 0 ? first >= last : first <= last;
  const std::uint64_t count = none ? 0 : (distance - 1) / width + 1;
  return {*this, std::make_shared<RangeNode>(seed("range", partitions_or_default(partitions), {}),
                                             first, step, count)};
}

RDD<std::string> SparkContext::text_file(const std::string& path, std::uint32_t partitions_min) {
  return file_rdd(*this, "text_file", TextLines<std::string>{}, splits(path, partitions_min));
}

RDD<std::string_view> SparkContext::text_views(const std::string& path,
                                               std::uint32_t partitions_min) {
  return file_rdd(*this, "text_views", TextLines<std::string_view>{}, splits(path, partitions_min));
}

RDD<std::pair<std::string, std::string>> SparkContext::whole_text_files(const std::string& path) {
  return file_rdd(*this, "whole_text_files", WholeTexts{}, whole_files(path));
}

RDD<std::string> SparkContext::binary_records(const std::string& path, std::uint64_t length) {
  if (length == 0) throw SparkError("binary_records: records of no length");
  return file_rdd(*this, "binary_records", BinaryRecords{length}, splits(path, 0, length));
}

}  // namespace mesolite::spark
