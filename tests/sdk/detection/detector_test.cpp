#include "sdk/detection/detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sdk/detection/leader_watch.hpp"
#include "sdk/detection/master_node.hpp"
#include "sdk/detection/zookeeper_url.hpp"
#include "tests/support/pretended_ensemble.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::detection {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ZooKeeperUrl, names_servers_path_and_credential) {
  const auto url = parse_zookeeper_url("zk://u:p@h1:2182, h2,h3:1/a/mesos/");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_THAT(url->servers, ElementsAre("h1:2182", "h2:2181", "h3:1"));
  EXPECT_EQ(url->path, "/a/mesos");
  EXPECT_EQ(url->credential, "u:p");
  EXPECT_EQ(server_list(*url), "h1:2182,h2:2181,h3:1");
}

TEST(ZooKeeperUrl, what_is_wrong_is_one_sentence_without_the_password) {
  const std::pair<const char*, const char*> cases[] = {
      {"h:1/m", "does not begin with zk://"},     {"zk:///m", "names no server"},
      {"zk://h:1", "no path after the servers"},  {"zk://h:1/", "no path after the servers"},
      {"zk://h:x/m", "'h:x' is no host:port"},    {"zk://h:1,/m", "no host:port"},
      {"zk://secret@h:1/m", "no user:password"},  {"zk://:secret@h:1/m", "no user:password"},
      {"zk://a:secret@h:1/m//n", "is no path"},   {"zk://h:1/m/../n", "is no path"},
      {"zk://a:secret@h:x/m", "is no host:port"},
  };
  for (const auto& [text, says] : cases) {
    const auto url = parse_zookeeper_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error().message, HasSubstr(says)) << text;
    EXPECT_THAT(url.error().message, Not(HasSubstr("secret"))) << text;
  }
}

TEST(Detector, takes_every_way_to_name_a_master) {
  harness::Scratch files;
  std::ofstream(files / "master") << "zk://h:1/mesos\n";
  const std::string file = "file://" + (files / "master").string();
  for (const std::string& master : {std::string("h:5050"), std::string("zk://h/mesos"),
                                    std::string("tcp://1.2.3.4:6050"), file}) {
    EXPECT_TRUE(check_master(master)) << master;
    EXPECT_TRUE(make_detector(master, 1)) << master;
  }
  for (const char* master : {"", "h", "zk://h", "file:///nowhere", "http://h:5050"}) {
    EXPECT_FALSE(check_master(master)) << master;
  }
}

TEST(MasterNode, is_what_tools_for_mesos_read) {
  MasterInfo master;
  master.id = "c-M1";
  master.ip = "192.168.100.11";
  master.hostname = "mesos1";
  master.port = 5050;
  master.version = "1.2.3";
  master.bus = "tcp://192.168.100.11:6050";
  master.cluster = "c";
  const auto node = nlohmann::json::parse(master_node(master));
  EXPECT_EQ(node.at("address").at("ip"), "192.168.100.11");
  EXPECT_EQ(node.at("address").at("port"), 5050);
  EXPECT_EQ(node.at("address").at("hostname"), "mesos1");
  EXPECT_EQ(node.at("pid"), "master@192.168.100.11:5050");
  EXPECT_EQ(node.at("ip"), 0x0B64A8C0);  // the bytes 192 168 100 11 as they lie in memory
  const auto read = parse_master_node(master_node(master));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, master);
  for (const char* text : {"", "[]", "{}", "{\"port\":\"x\",\"address\":3}", "nonsense"}) {
    EXPECT_FALSE(parse_master_node(text)) << text;
  }
}

class Watched : public ::testing::Test {
 protected:
  Watched() {
    ensemble.add(watch);
    ensemble.connect(watch);
  }

  // "" while nothing is known, "-" of no leader.
  std::string leader_after(Duration duration) {
    ensemble.pass(duration, [this] {
      if (auto news = watch.take_news()) {
        ++told;
        leader = news->leader ? news->leader->data : "-";
      }
    });
    return leader;
  }

  harness::PretendedEnsemble ensemble{1};
  LeaderWatch watch{"/mesos"};
  std::string leader;
  int told = 0;
};

TEST_F(Watched, a_leader_is_seen_as_soon_as_there_is_one) {
  EXPECT_EQ(leader_after(1s), "-");
  ensemble.set("/mesos", "");
  ensemble.set("/mesos/json.info_0000000004", "four");
  EXPECT_EQ(leader_after(500ms), "four");
}

TEST_F(Watched, the_next_candidate_follows_and_joining_ones_wake_nobody) {
  ensemble.set("/mesos", "");
  ensemble.set("/mesos/json.info_0000000004", "four");
  ensemble.set("/mesos/json.info_0000000009", "nine");
  EXPECT_EQ(leader_after(1s), "four");
  ensemble.set("/mesos/json.info_0000000010", "ten");
  EXPECT_EQ(leader_after(1s), "four");
  EXPECT_EQ(told, 1);
  ensemble.erase("/mesos/json.info_0000000004");
  EXPECT_EQ(leader_after(100ms), "nine");
}

TEST_F(Watched, what_changed_while_the_connection_was_broken_is_seen_after) {
  ensemble.set("/mesos", "");
  ensemble.set("/mesos/json.info_0000000004", "four");
  ensemble.set("/mesos/json.info_0000000009", "nine");
  leader_after(1s);
  ensemble.disconnect(watch);
  leader_after(100ms);
  ensemble.erase("/mesos/json.info_0000000004");
  EXPECT_EQ(leader_after(500ms), "four");
  ensemble.connect(watch);
  EXPECT_EQ(leader_after(200ms), "nine");
}

TEST_F(Watched, who_asks_again_is_told_again_even_without_a_connection) {
  ensemble.set("/mesos", "");
  ensemble.set("/mesos/json.info_0000000004", "four");
  leader_after(1s);
  watch.look_again(ensemble.now());
  leader_after(100ms);
  EXPECT_EQ(told, 2);
  ensemble.disconnect(watch);
  leader_after(100ms);
  watch.look_again(ensemble.now());
  leader_after(100ms);
  EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace mesolite::detection
