#include "frameworks/mini-spark/engine/shuffle_reader.hpp"

#include <optional>
#include <string>

#include "mesolite/data/block_client.hpp"

namespace mesolite::spark {
namespace {

class Reader {
 public:
  Reader(TaskContext& task, std::uint64_t shuffle, std::uint32_t partition, const TakeChunk& take)
      : task_(task), shuffle_(shuffle), partition_(partition), take_(take) {}

  void read(std::uint32_t map, const MapOutput& output) {
    task_.throw_if_stopped();
    const OutputKey key{shuffle_, map, output.serial};
    Environment& environment = task_.environment();
    if (output.host.empty() || output.host == environment.options.host) {
      const auto stored = environment.shuffles.find(key);
      if (!stored) throw FetchFailure(shuffle_, map, "it is no longer kept");
      return stored->read(partition_, take_);
    }
    if (output.lengths.at(partition_) > 0) fetch(key, output);
  }

 private:
  void fetch(const OutputKey& key, const MapOutput& output) {
    if (!client_) client_.emplace(data::BlockClientOptions{.token = options().token});
    const data::BlockAddress address{output.host, block_name(key, partition_),
                                     output.lengths[partition_]};
    FrameDecoder decoder(address.block, take_);
    const auto fetched = client_->fetch(
        address, [&](std::string_view bytes) { return decoder.add(bytes); }, task_.stop());
    task_.throw_if_stopped();
    if (!fetched) throw FetchFailure(shuffle_, key.map, fetched.error().message());
    const Status whole = decoder.finish();
    if (!whole) throw FetchFailure(shuffle_, key.map, whole.error().message);
  }
  const EnvironmentOptions& options() const { return task_.environment().options; }

  TaskContext& task_;
  const std::uint64_t shuffle_;
  const std::uint32_t partition_;
  const TakeChunk& take_;
  std::optional<data::BlockClient> client_;
};

}  // namespace

void read_shuffle(TaskContext& task, std::uint64_t shuffle, std::uint32_t partition,
                  const TakeChunk& take) {
  const auto outputs = task.environment().outputs.find(shuffle);
  if (!outputs) {
    throw FetchFailure(shuffle, 0, "nobody has said where its outputs are");
  }
  const TakeChunk counted = [&](std::string_view chunk) {
    task.metrics.shuffle_read += chunk.size();
    take(chunk);
  };
  Reader reader(task, shuffle, partition, counted);
  for (std::uint32_t map = 0; map < outputs->size(); ++map) reader.read(map, (*outputs)[map]);
}

}  // namespace mesolite::spark
