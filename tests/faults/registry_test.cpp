// The registry in a real ZooKeeper ensemble.
#include <gtest/gtest.h>

#include <filesystem>

#include "kernel/registry/sqlite_registry.hpp"
#include "kernel/registry/zookeeper_registry.hpp"
#include "tests/support/ensemble.hpp"

namespace mesolite::registry {
namespace {

using harness::Ensemble;

Record record(std::string key, std::string value) {
  return {std::move(key), Bytes(std::move(value))};
}

class ZooKeeperRegistry : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (harness::ensemble_problem().empty()) ensemble = std::make_unique<Ensemble>();
  }
  static void TearDownTestSuite() { ensemble.reset(); }
  void SetUp() override {
    if (const auto problem = harness::ensemble_problem(); !problem.empty()) {
      GTEST_SKIP() << problem;
    }
  }

  static std::unique_ptr<Registry> open(const std::string& path, const std::string& proof = "",
                                        const std::string& credential = "") {
    auto url = *detection::parse_zookeeper_url(ensemble->url(path));
    url.credential = credential;
    auto registry = open_zookeeper_registry({url, proof, 10s});
    EXPECT_TRUE(registry) << registry.error().message;
    return registry ? std::move(*registry) : nullptr;
  }

  static std::unique_ptr<Ensemble> ensemble;
};

std::unique_ptr<Ensemble> ZooKeeperRegistry::ensemble;

TEST_F(ZooKeeperRegistry, keeps_the_last_value_of_each_key_in_order_of_keys) {
  const auto registry = open("/map");
  ASSERT_TRUE(registry->write({record("b", "1"), record("a", std::string("\0x", 2))}));
  ASSERT_TRUE(registry->write({record("b", "2"), record("c", "3"), record("c", "")}));
  const std::vector<Record> expected{record("a", std::string("\0x", 2)), record("b", "2")};
  EXPECT_EQ(registry->load().value(), expected);
  EXPECT_EQ(open("/map")->load().value(), expected) << "another one reads something else";
}

TEST_F(ZooKeeperRegistry, holds_more_than_fits_into_one_node_or_request) {
  const auto registry = open("/large");
  std::vector<Record> records;
  for (int i = 0; i < 5'000; ++i) {
    records.push_back(record("agents/c-A" + std::to_string(i), std::string(600, 'x')));
  }
  ASSERT_TRUE(registry->write(records));
  EXPECT_EQ(open("/large")->load().value().size(), records.size());
}

TEST_F(ZooKeeperRegistry, takes_nothing_from_a_master_whose_leadership_is_gone) {
  const auto registry = open("/fenced", "/fenced/json.info_0000000007");
  const auto written = registry->write({record("a", "1")});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("does not lead any more"), std::string::npos)
      << written.error().message;
  EXPECT_TRUE(open("/fenced")->load().value().empty());
}

TEST_F(ZooKeeperRegistry, takes_nothing_from_a_master_that_has_not_read_what_another_wrote) {
  const auto first = open("/versions");
  const auto second = open("/versions");
  ASSERT_TRUE(first->write({record("a", "1")}));
  ASSERT_TRUE(second->load());
  ASSERT_TRUE(first->write({record("a", "2")}));
  const auto written = second->write({record("a", "3")});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("another master has written"), std::string::npos);
  EXPECT_EQ(open("/versions")->load().value(), std::vector<Record>{record("a", "2")});
}

TEST_F(ZooKeeperRegistry, is_closed_to_whoever_has_not_its_credential) {
  ASSERT_TRUE(open("/closed", "", "mesos:secret")->write({record("a", "1")}));
  auto url = *detection::parse_zookeeper_url(ensemble->url("/closed"));
  const auto other = open_zookeeper_registry({url, "", 10s});
  EXPECT_FALSE(other && (*other)->load());
  EXPECT_TRUE(open("/closed", "", "mesos:secret")->load());
}

TEST_F(ZooKeeperRegistry, is_copied_from_one_master_to_several_and_back) {
  harness::Scratch files;
  const std::string first = (files / "first").string();
  const std::string second = (files / "second").string();
  const std::string shared = ensemble->url("/copied");
  const auto mesolite = [](std::vector<std::string> words) {
    words.insert(words.begin(), {harness::built("bin/mesolite"), "registry"});
    return harness::run(std::move(words));
  };
  std::filesystem::create_directories(first);
  ASSERT_TRUE(open_sqlite_registry(files / "first" / sqlite_file_name)
                  .value()
                  ->write({record("cluster/id", "blue"), record("cluster/epoch", "3")}));
  for (const auto& [from, to] : {std::pair(first, shared), std::pair(shared, second)}) {
    const auto copied = mesolite({"copy", from, to});
    EXPECT_EQ(copied.output, "2 records copied\n") << copied.errors;
    EXPECT_EQ(mesolite({"copy", from, to}).status, 1) << "over what is there";
  }
  EXPECT_EQ(mesolite({"show", "--zk", shared}).output, "cluster/epoch  3\ncluster/id  blue\n");
  EXPECT_EQ(mesolite({"show", "--work-dir", second}).output,
            "cluster/epoch  3\ncluster/id  blue\n");
}

TEST(ZooKeeperRegistryAway, an_ensemble_that_is_not_there_is_one_sentence) {
  const auto place = "zk://127.0.0.1:" + std::to_string(harness::free_port()) + "/m";
  const auto opened = open_zookeeper_registry({*detection::parse_zookeeper_url(place), "", 300ms});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("no connection"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::registry
