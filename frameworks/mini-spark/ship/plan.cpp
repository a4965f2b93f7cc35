#include "frameworks/mini-spark/ship/plan.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "frameworks/mini-spark/ship/mappings.hpp"

namespace mesolite::spark {
namespace {

class StageEncoder {
 public:
  Status add(const std::shared_ptr<Node>& node, bool is_end) {
    if (numbers_.contains(node->id())) return {};
    std::vector<std::uint64_t> parents;
    if (is_end || !node->is_shuffle()) {
      for (const auto& parent : node->parents()) {
        if (const Status added = add(parent, false); !added) return added;
        parents.push_back(numbers_.at(parent->id()));
      }
    }
    return write(*node, parents);
  }
  std::string bytes() const {
    Packer whole;
    whole.number(numbers_.size());
    return whole.text() + out_.text();
  }

 private:
  Status write(const Node& node, const std::vector<std::uint64_t>& parents) {
    const auto offset = node.registration().offset();
    if (!offset) return failure(node.name(), offset.error());
    out_.number(*offset);
    out_.number(node.id());
    pack(out_, node.name());
    out_.number(node.partitions());
    pack(out_, node.partitioning());
    pack(out_, node.level());
    pack(out_, parents);
    CapturePacker own;
    try {
      node.save(own);
    } catch (const std::runtime_error& unsendable) {
      return failure(node.name() + ": " + unsendable.what());
    }
    for (const CapturePacker::Capture& capture : own.captures) {
      const std::string_view bytes = own.view().substr(capture.offset, capture.size);
      if (const auto address = mappings_.pointer_in(bytes)) {
        return failure(node.name() + ": the function '" + type_text(*capture.type) +
                       "' captures a pointer or reference (" + *address +
                       "), which means nothing on a worker; capture a value or a Broadcast<T>, or "
                       "wrap the function in meant()");
      }
    }
    out_.number(own.size());
    out_.raw(own.view().data(), own.size());
    const std::uint64_t number = numbers_.size();
    numbers_[node.id()] = number;
    return {};
  }

  const Mappings mappings_;
  Packer out_;
  std::map<std::uint64_t, std::uint64_t> numbers_;  // of nodes, by id
};

Result<std::shared_ptr<Node>> decode_node(Unpacker& in,
                                          const std::vector<std::shared_ptr<Node>>& before) {
  const auto registration = Registration::find(in.number());
  if (!registration) return tl::unexpected(registration.error());
  NodeSeed seed;
  StorageLevel level{};
  std::vector<std::uint64_t> parents;
  seed.id = in.number();
  unpack(in, seed.name);
  seed.partitions = static_cast<std::uint32_t>(in.number());
  unpack(in, seed.partitioning);
  unpack(in, level);
  unpack(in, parents);
  for (const std::uint64_t parent : parents) {
    if (parent >= before.size()) return failure("a stage has a parent that is not in it");
    seed.parents.push_back(before[parent]);
  }
  const std::string name = seed.name;
  Unpacker own(in.bytes(in.number()));
  if (in.failed()) return failure("a stage is cut off");
  std::shared_ptr<Node> node;
  try {
    node = (*registration)->make(own, std::move(seed));
  } catch (const std::exception& damaged) {
    return failure("the parameters of '" + name + "': " + damaged.what());
  }
  if (own.failed() || own.more()) return failure("the parameters of '" + name + "' are damaged");
  node->set_level(level);
  return node;
}

}  // namespace

Result<std::string> encode_stage(const std::shared_ptr<Node>& end) {
  StageEncoder encoder;
  if (const Status added = encoder.add(end, true); !added) return tl::unexpected(added.error());
  return encoder.bytes();
}

Result<std::shared_ptr<Node>> decode_stage(std::string_view bytes) {
  Unpacker in(bytes);
  std::vector<std::shared_ptr<Node>> nodes;
  for (std::uint64_t left = in.number(); left > 0; --left) {
    auto node = decode_node(in, nodes);
    if (!node) return node;
    nodes.push_back(std::move(*node));
  }
  if (nodes.empty() || in.failed() || in.more()) return failure("the bytes of a stage are damaged");
  return nodes.back();
}

}  // namespace mesolite::spark
