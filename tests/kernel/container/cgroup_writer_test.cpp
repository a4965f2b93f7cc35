// What isolators want written to the cgroups of a container is written, or refused in a sentence.
#include "kernel/container/cgroup_writer.hpp"

#include <gmock/gmock.h>

#include <cerrno>
#include <filesystem>

#include "tests/support/fake_cgroups.hpp"

namespace mesolite::container {
namespace {

using harness::FakeCgroups;
using testing::ElementsAre;
using testing::HasSubstr;

class CgroupWrites : public testing::Test {
 protected:
  void mount(FakeCgroups::Kind kind) {
    fake_ = std::make_shared<FakeCgroups>(kind);
    writer_.emplace(fake_->place(), fake_);
  }
  std::string refusal(const CgroupWrite& write) {
    const auto written = writer_->write(id_, {write});
    return written ? "" : written.error().message;
  }

  const ContainerId id_{"c1"};
  std::shared_ptr<FakeCgroups> fake_;
  std::optional<CgroupWriter> writer_;
};

TEST_F(CgroupWrites, each_hierarchy_of_v1_has_a_group_to_enter) {
  mount(FakeCgroups::Kind::v1);
  const auto written =
      writer_->write(id_, {{"cpu", "cpu.shares", "77"}, {"pids", "pids.max", "5"}});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(*written, ElementsAre(fake_->path("cpu/mesos/c1"), fake_->path("pids/mesos/c1")));
  EXPECT_EQ(fake_->content("cpu/mesos/c1/cpu.shares"), "77");
  EXPECT_EQ(fake_->content("pids/mesos/c1/pids.max"), "5");
  EXPECT_TRUE(writer_->remove(id_));
  EXPECT_FALSE(std::filesystem::exists(fake_->path("cpu/mesos/c1")));
}

TEST_F(CgroupWrites, on_v2_they_are_of_one_group) {
  mount(FakeCgroups::Kind::v2);
  const auto written =
      writer_->write(id_, {{"cpu", "cpu.weight", "77"}, {"pids", "pids.max", "5"}});
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_THAT(*written, ElementsAre(fake_->path("mesos/c1/leaf")));
  EXPECT_EQ(fake_->content("mesos/c1/cpu.weight"), "77");
}

TEST_F(CgroupWrites, what_cannot_be_written_is_named) {
  mount(FakeCgroups::Kind::v1);
  EXPECT_THAT(refusal({"rdma", "rdma.max", "1"}), HasSubstr("'rdma' is not mounted"));
  EXPECT_THAT(refusal({"cpu", "cpu.speed", "1"}), HasSubstr("cpu.speed"));
  EXPECT_THAT(refusal({"cpu", "../cpu.shares", "1"}), HasSubstr("not the name of a cgroup file"));
}

}  // namespace
}  // namespace mesolite::container
