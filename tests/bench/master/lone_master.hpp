// LoneMaster: the master machine with the codec on both sides and a real allocator, and nothing
// else: frames in, frames out. What it costs is counted apart from whoever makes the frames.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/master/master.hpp"
#include "mesolite/module/host.hpp"
#include "sdk/net/frame.hpp"

namespace mesolite::bench {

class LoneMaster {
 public:
  explicit LoneMaster(std::uint64_t epoch);

  using Frame = std::pair<PeerId, std::string>;
  // One turn of the shell: all frames are decoded and stepped, deadlines fire, what is to be said
  // is encoded. Answers the frames that leave, one for each peer that is addressed.
  std::vector<Frame> turn(const std::vector<Frame>& frames);
  // Turns without frames until nobody has anything left to do.
  void settle();

  const master::Master& machine() const { return machine_; }
  Duration machine_time() const { return machine_time_; }      // decoding, steps, encoding
  Duration allocator_time() const { return allocator_time_; }  // within its calls

 private:
  class QuietHost final : public Host {
   public:
    void log(Severity, std::string_view) override {}
    void notify(std::string_view) override {}
  };

  void take(const Frame& frame);
  void carry_out();
  void perform(const master::Output& output);
  void allocate(const AllocateRequest& request);

  QuietHost host_;
  std::unique_ptr<Allocator> allocator_;
  Time now_{Duration(1'000'000s)};
  master::Master machine_;
  master::Outbox outbox_;
  std::vector<std::pair<PeerId, net::FrameBuilder>> leaving_;  // of this turn
  Duration machine_time_{0};
  Duration allocator_time_{0};
};

// The CPU time that this process has used.
Duration cpu_time();

}  // namespace mesolite::bench
