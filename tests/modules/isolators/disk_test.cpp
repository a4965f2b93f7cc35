// posix/disk: what a sandbox takes, and what becomes of one that takes too much.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "mesolite/module/client.hpp"
#include "mesolite/testing/conformance.hpp"
#include "modules/isolators/posix-disk/posix_disk.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::posix_disk {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::size_t megabyte = 1 << 20;
constexpr int patience_ms = 20'000;

class Disk : public ::testing::Test {
 protected:
  void put(const fs::path& file, std::size_t bytes) {
    std::ofstream(file) << std::string(bytes, 'x');
  }
  ContainerContext container(const std::string& resources) {
    ContainerContext context;
    context.id = ContainerId("c1");
    context.sandbox = sandbox_.path();
    context.requests = *Resources::parse(resources);
    return context;
  }
  std::unique_ptr<Isolator> make(bool enforce = true) {
    return local_module<Isolator, PosixDiskIsolator>(Parameters{1, enforce}, host_).value();
  }
  // Waits until the isolator asks to be checked, and checks.
  std::optional<Limitation> checked(Isolator& isolator, const ContainerContext& context,
                                    int notice) {
    pollfd waiting{notice, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) <= 0) return std::nullopt;
    return isolator.check(context).value().limitation;
  }

  testing::RecordingHost host_;
  harness::Scratch sandbox_;
};

TEST_F(Disk, usage_counts_blocks_of_all_files_each_once) {
  const auto empty = disk_usage(sandbox_.path()).value();
  put(sandbox_ / "a", megabyte);
  fs::create_directories(sandbox_ / "x/y");
  put(sandbox_ / "x/y/b", megabyte);
  fs::create_hard_link(sandbox_ / "a", sandbox_ / "x/again");
  fs::create_symlink("/", sandbox_ / "everything");
  const auto full = disk_usage(sandbox_.path()).value();
  EXPECT_GE(full - empty, 2 * megabyte);
  EXPECT_LT(full - empty, 2 * megabyte + megabyte / 2);
  EXPECT_EQ(disk_usage("/nowhere").value(), 0u);
}

TEST_F(Disk, a_sparse_file_takes_what_it_takes) {
  put(sandbox_ / "sparse", 0);
  fs::resize_file(sandbox_ / "sparse", 100 * megabyte);
  EXPECT_LT(disk_usage(sandbox_.path()).value(), megabyte);
}

TEST_F(Disk, nesting_folders_hides_nothing) {
  int here = ::open(sandbox_.path().c_str(), O_RDONLY | O_DIRECTORY);
  for (int depth = 0; depth < 1'100; ++depth) {
    ASSERT_EQ(::mkdirat(here, "d", 0700), 0);
    const int below = ::openat(here, "d", O_RDONLY | O_DIRECTORY);
    ::close(here);
    here = below;
  }
  ::close(here);
  const auto usage = disk_usage(sandbox_.path());
  ASSERT_FALSE(usage);
  EXPECT_EQ(usage.error().message, "its folders are nested more than 1000 deep");
  const auto isolator = make();
  const auto context = container("disk:10");
  const auto watched = isolator->watch(context).value();
  const auto limitation = checked(*isolator, context, watched.files[0].descriptor);
  ASSERT_TRUE(limitation);
  EXPECT_THAT(limitation->message, HasSubstr("cannot be measured: its folders are nested"));
}

TEST_F(Disk, a_sandbox_that_grows_beyond_its_disk_is_a_limitation_that_says_so) {
  const auto isolator = make();
  const auto context = container("disk:2");
  const auto watched = isolator->watch(context).value();
  EXPECT_FALSE(isolator->check(context).value().limitation);
  put(sandbox_ / "a", 3 * megabyte);
  const auto limitation = checked(*isolator, context, watched.files[0].descriptor);
  ASSERT_TRUE(limitation);
  EXPECT_EQ(limitation->reason, UpdateReason::container_limitation_disk);
  EXPECT_THAT(limitation->message,
              AllOf(HasSubstr("out of disk: the sandbox holds "), HasSubstr("may hold 2 MB")));
  const auto usage = isolator->usage(context).value().statistics;
  EXPECT_EQ(usage.at("disk_limit_bytes"), 2 * megabyte);
  // It may be looked at while the file still grows.
  EXPECT_GT(usage.at("disk_used_bytes"), 2 * megabyte);
}

TEST_F(Disk, without_disk_or_enforcement_there_is_no_limit) {
  put(sandbox_ / "a", 3 * megabyte);
  for (const auto& [resources, enforce] : {std::pair("cpus:1", true), std::pair("disk:1", false)}) {
    const auto isolator = make(enforce);
    const auto context = container(resources);
    ASSERT_TRUE(isolator->watch(context));
    while (!isolator->usage(context).value().statistics.contains("disk_used_bytes")) {
      ::poll(nullptr, 0, 1);
    }
    EXPECT_FALSE(isolator->check(context).value().limitation);
  }
}

TEST_F(Disk, an_update_moves_the_limit) {
  const auto isolator = make();
  put(sandbox_ / "a", 3 * megabyte);
  const auto watched = isolator->watch(container("disk:10")).value();
  ASSERT_TRUE(isolator->update(container("disk:1")));
  EXPECT_TRUE(checked(*isolator, container("disk:1"), watched.files[0].descriptor));
}

TEST_F(Disk, conforms_through_the_border) {
  EXPECT_THAT(testing::isolator_violations([&] { return make(); }), IsEmpty());
}

}  // namespace
}  // namespace mesolite::posix_disk
