// gpu/nvidia on device files that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/gpu-nvidia/gpu_nvidia.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::gpu_nvidia {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Gpus : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"nvidia0", "nvidia1", "nvidia2", "nvidiactl", "nvidia-uvm", "null"}) {
      std::ofstream(folder_ / name) << "";
    }
  }
  std::unique_ptr<Isolator> make(std::vector<std::int64_t> gpus = {}) {
    return local_module<Isolator, GpuNvidiaIsolator>(Parameters{folder_.path().string(), gpus},
                                                     host_)
        .value();
  }
  ContainerContext container(const std::string& id, const std::string& resources) {
    ContainerContext context;
    context.id = ContainerId(id);
    context.runtime_dir = (runtime_ / id).string();
    context.requests = *Resources::parse(resources);
    return context;
  }
  // Without the words that the border puts before it.
  static std::string reason_of(const Error& error) {
    return error.message.substr(error.message.find(": ") + 2);
  }
  static std::string visible(const Result<Contribution>& contribution) {
    return contribution ? contribution->environment.at("NVIDIA_VISIBLE_DEVICES").value
                        : reason_of(contribution.error());
  }

  testing::RecordingHost host_;
  harness::Scratch folder_;
  harness::Scratch runtime_;
};

TEST_F(Gpus, each_container_has_its_own_and_what_all_need) {
  const auto isolator = make();
  const auto first = isolator->prepare(container("a", "gpus:2"));
  ASSERT_TRUE(first) << first.error().message;
  std::vector<std::string> devices;
  for (const auto& device : first->devices) devices.push_back(device.path + " " + device.access);
  const std::string folder = folder_.path().string();
  EXPECT_THAT(devices, ElementsAre(folder + "/nvidia0 rw", folder + "/nvidia1 rw",
                                   folder + "/nvidiactl rw", folder + "/nvidia-uvm rw"));
  EXPECT_EQ(visible(first), "0,1");
  EXPECT_EQ(first->environment.at("CUDA_VISIBLE_DEVICES").value, "0,1");
  EXPECT_EQ(visible(isolator->prepare(container("b", "gpus:1"))), "2");
  EXPECT_EQ(visible(isolator->prepare(container("c", "gpus:1"))),
            "the container needs 1 GPUs, and 0 are free");
  ASSERT_TRUE(isolator->cleanup(container("a", "gpus:2")));
  EXPECT_EQ(visible(isolator->prepare(container("c", "gpus:1"))), "0");
}

TEST_F(Gpus, a_container_without_any_sees_none) {
  const auto none = make()->prepare(container("a", "cpus:1"));
  EXPECT_THAT(none->devices, IsEmpty());
  EXPECT_EQ(visible(none), "void");
  EXPECT_TRUE(none->environment.at("NVIDIA_VISIBLE_DEVICES").override);
}

TEST_F(Gpus, a_new_agent_knows_who_has_which) {
  EXPECT_EQ(visible(make()->prepare(container("a", "gpus:1"))), "0");
  const auto next = make();
  RecoverRequest request;
  request.containers.push_back(container("a", "gpus:1"));
  ASSERT_TRUE(next->recover(request));
  EXPECT_EQ(visible(next->prepare(container("b", "gpus:1"))), "1");
}

TEST_F(Gpus, only_those_named_are_handed_out) {
  EXPECT_EQ(visible(make({2})->prepare(container("a", "gpus:1"))), "2");
  EXPECT_EQ(visible(make({7})->prepare(container("b", "gpus:1"))),
            "there is no GPU 7: '" + folder_.path().string() + "' has only 0,1,2");
}

TEST_F(Gpus, a_machine_without_any_says_so) {
  EXPECT_TRUE(make()->probe({}));
  harness::Scratch bare;
  const auto isolator =
      local_module<Isolator, GpuNvidiaIsolator>(Parameters{bare.path().string(), {}}, host_);
  EXPECT_EQ(reason_of((*isolator)->probe({}).error()),
            "'" + bare.path().string() + "' has no NVIDIA GPU");
}

TEST_F(Gpus, conforms_through_the_border) {
  EXPECT_THAT(testing::isolator_violations([&] { return make(); }), IsEmpty());
}

}  // namespace
}  // namespace mesolite::gpu_nvidia
