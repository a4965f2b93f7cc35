// An allocator loaded from its library, and a cluster of any size around it as the master would
// keep its books. Every call goes through the module border, its answer is decoded and booked.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/host.hpp"

namespace mesolite::bench {

struct Shape {
  std::size_t agents = 0;
  std::size_t frameworks = 0;
  std::size_t roles = 1;  // "*"; or more, half of them below another
  std::string agent_resources = "cpus:8;mem:16384;disk:100000";
};

class AllocatorCluster {
 public:
  // All agents and frameworks are told; no framework wants offers yet. Throws if it cannot load.
  AllocatorCluster(const std::string& allocator, const Shape& shape);

  // Frameworks from `first` to before `last` want offers from now on, or no more.
  void want(std::size_t first, std::size_t last, bool wanted = true);
  // A framework of its own role "*" comes; it wants offers.
  void add_framework();
  // Everything that was given away last is given back; with `refused`, it is declined for a day.
  void release_last(bool refused);
  // One agent's holding is given back.
  void release_one(std::size_t holding);
  void consider_everything() { request_.everything = true; }

  // One call: its processor time, from the request in hand to the answer in the books.
  Duration call();
  std::size_t given() const { return last_.size(); }  // holdings, by the last call

 private:
  class SilentHost final : public Host {
    void log(Severity, std::string_view) override {}
    void notify(std::string_view) override {}
  };
  void book(const Holding& holding);
  void unbook(Holding holding, bool refused);

  SilentHost host_;
  std::unique_ptr<Allocator> allocator_;
  AllocateRequest request_;
  std::vector<FrameworkState> frameworks_;
  std::vector<Resources> free_;  // by agent handle
  std::vector<Holding> last_;    // of the last call
};

}  // namespace mesolite::bench
