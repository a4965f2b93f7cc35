#include <gtest/gtest.h>

#include "rules.hpp"

namespace mesolite::tidy {
namespace {

bool refused(const char* path, const std::string& include) {
  return !check_includes(source_file(path, "#include " + include + "\n")).empty();
}

TEST(IncludeTable, what_lies_below_may_be_included) {
  EXPECT_FALSE(refused("kernel/master/offers.cpp", "\"mesolite/protocol/messages.hpp\""));
  EXPECT_FALSE(refused("kernel/master/offers.cpp", "\"kernel/master/agents.hpp\""));
  EXPECT_FALSE(refused("kernel/master/offers.cpp", "\"agents.hpp\""));
  EXPECT_FALSE(refused("kernel/master/offers.cpp", "<vector>"));
  EXPECT_FALSE(refused("kernel/daemon/mesos_master.cpp", "\"kernel/runtime/master_runtime.hpp\""));
  EXPECT_FALSE(refused("sdk/net/socket.hpp", "<zmq.hpp>"));
  EXPECT_FALSE(refused("sdk/include/mesolite/base/result.hpp", "<tl/expected.hpp>"));
  EXPECT_FALSE(refused("frameworks/mini-hadoop/map.cpp", "\"frameworks/mini-hadoop/table.hpp\""));
  EXPECT_FALSE(refused("kernel/container/launch.cpp", "<sys/wait.h>"));
}

TEST(IncludeTable, what_lies_above_or_beside_may_not) {
  EXPECT_TRUE(refused("kernel/master/offers.cpp", "\"kernel/agent/agent.hpp\""));
  EXPECT_TRUE(refused("kernel/master/offers.cpp", "\"sdk/net/reactor.hpp\""));
  EXPECT_TRUE(refused("modules/allocators/fifo/fifo.cpp", "\"kernel/master/offers.hpp\""));
  EXPECT_TRUE(refused("frameworks/mini-spark/rdd.cpp", "\"frameworks/mini-hadoop/table.hpp\""));
  EXPECT_TRUE(refused("frameworks/mini-spark/rdd.cpp", "\"kernel/http/http_server.hpp\""));
  EXPECT_TRUE(refused("sdk/include/mesolite/base/time.hpp", "\"mesolite/protocol/codec.hpp\""));
  EXPECT_TRUE(refused("kernel/http/views.cpp", "\"kernel/runtime/master_runtime.hpp\""));
}

TEST(IncludeTable, a_library_stays_where_it_was_let_in) {
  EXPECT_TRUE(refused("kernel/master/offers.cpp", "<zmq.hpp>"));
  EXPECT_TRUE(refused("kernel/runtime/master_runtime.cpp", "<nlohmann/json.hpp>"));
  EXPECT_TRUE(refused("kernel/http/http_server.cpp", "<some-new-library/all.hpp>"));
  EXPECT_FALSE(refused("kernel/http/http_server.cpp", "<boost/beast.hpp>"));
  EXPECT_FALSE(refused("modules/isolators/x/x.cpp", "<seccomp.h>"));
}

TEST(IncludeTable, a_header_of_the_sdk_shows_less_than_its_source_knows) {
  EXPECT_TRUE(refused("sdk/include/mesolite/framework/driver.hpp", "\"sdk/net/reactor.hpp\""));
  EXPECT_FALSE(refused("sdk/src/framework/driver.cpp", "\"sdk/net/reactor.hpp\""));
  EXPECT_FALSE(refused("sdk/src/framework/driver_shell.hpp", "\"sdk/net/reactor.hpp\""));
  EXPECT_TRUE(refused("sdk/include/mesolite/protocol/codec.hpp", "<msgpack.hpp>"));
  EXPECT_FALSE(refused("sdk/src/codec.cpp", "<msgpack.hpp>"));
  EXPECT_TRUE(refused("sdk/include/mesolite/data/spill.hpp", "<lz4.h>"));
}

TEST(IncludeTable, a_folder_without_a_row_is_noticed) {
  EXPECT_TRUE(refused("kernel/novelty/x.cpp", "<vector>"));
}

TEST(IncludeTable, what_is_only_mentioned_is_not_included) {
  EXPECT_FALSE(refused("kernel/master/offers.cpp", "\n// #include <zmq.hpp>"));
}

}  // namespace
}  // namespace mesolite::tidy
