#include "modules/allocators/best-fit/best_fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "tests/modules/allocators/cluster.hpp"

namespace mesolite::best_fit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BestFit : public ::testing::Test {
 protected:
  std::unique_ptr<Allocator> make() {
    return local_module<Allocator, BestFitAllocator>(Parameters{}, host_).value();
  }
  void TearDown() override { EXPECT_THAT(host_.lines, IsEmpty()); }

  // The framework takes a whole agent once and keeps `need` of it; then it is quiet.
  void show_need(const std::string& framework, const std::string& need) {
    cluster_.agent("of " + framework, "cpus:100;mem:10000");
    cluster_.framework(framework, {"*"});
    ASSERT_THAT(cluster_.offers(), ElementsAre("of " + framework + " -> " + framework));
    const Resources rest = *Resources::parse("cpus:100;mem:10000") - *Resources::parse(need);
    cluster_.release(framework, "of " + framework, 1000h, rest.to_text());
    cluster_.agent("of " + framework, "cpus:100;mem:10000").active = false;
    cluster_.interest(framework, "*", false);
    ASSERT_THAT(cluster_.offers(), IsEmpty());
  }

  testing::RecordingHost host_;
  Cluster cluster_{make()};
};

TEST_F(BestFit, conforms_through_the_border) {
  EXPECT_THAT(testing::allocator_violations([&] { return make(); }), IsEmpty());
}

TEST_F(BestFit, the_fullest_agent_is_offered_first) {
  cluster_.framework("F1", {"*"}).active = false;
  for (const char* name : {"A1", "A2", "A3"}) cluster_.agent(name, "cpus:4;mem:400");
  cluster_.hold("F1", "*", "A2", "cpus:3;mem:300");
  cluster_.hold("F1", "*", "A3", "cpus:1;mem:100");
  cluster_.framework("F2", {"*"});
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2", "A3 -> F2", "A1 -> F2"));
}

TEST_F(BestFit, an_agent_goes_to_whoever_fills_it_best) {
  show_need("small", "cpus:1;mem:100");
  show_need("large", "cpus:4;mem:400");
  cluster_.interest("small", "*", true);
  cluster_.interest("large", "*", true);
  cluster_.agent("A1", "cpus:4;mem:400");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> large"));
  cluster_.agent("A2", "cpus:2;mem:200");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> small"));
}

TEST_F(BestFit, of_equal_fits_the_lower_share_goes_first) {
  cluster_.framework("F1", {"*"});
  cluster_.agent("A1", "cpus:4;mem:400");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A1 -> F1"));
  cluster_.framework("F2", {"*"});
  cluster_.agent("A2", "cpus:4;mem:400");
  EXPECT_THAT(cluster_.offers(), ElementsAre("A2 -> F2"));
}

TEST_F(BestFit, no_choices_at_all_are_refused) {
  const auto made = local_module<Allocator, BestFitAllocator>(Parameters{0}, host_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("'choices' is 0 and should be at least 1"));
}

}  // namespace
}  // namespace mesolite::best_fit
