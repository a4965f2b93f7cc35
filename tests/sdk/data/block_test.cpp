// Defends: a block arrives whole and in order, or its fetch fails with host, block and cause.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "mesolite/base/random.hpp"
#include "mesolite/data/block_client.hpp"
#include "mesolite/data/block_server.hpp"
#include "tests/sdk/data/scratch.hpp"

namespace mesolite::data {
namespace {

using FetchOutcome = tl::expected<void, FetchError>;

std::string random_bytes(std::size_t size) {
  Random random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

class Block : public ScratchTest {
 protected:
  void publish(const std::string& name, std::string_view content) {
    server_->publish(name, {write(name, content), 0, content.size()});
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(server_->port()); }

  BlockClientOptions options() const { return {.token = "secret", .retry_pause = Duration(1)}; }

  FetchOutcome fetch(BlockClient& client, const std::string& name, std::uint64_t length) {
    got_.clear();
    return client.fetch({host(), name, length}, [this](std::string_view bytes) {
      got_ += bytes;
      ++pieces_;
      return Status{};
    });
  }

  FetchCause cause_of(const FetchOutcome& outcome) {
    EXPECT_FALSE(outcome.has_value());
    return outcome ? FetchCause::stopped : outcome.error().cause;
  }

  std::unique_ptr<BlockServer> server_ = BlockServer::start({.token = "secret"}).value();
  std::string got_;
  int pieces_ = 0;
};

TEST_F(Block, arrives_whole_in_windows_of_the_size_asked_for) {
  const std::string content = random_bytes(100'000);
  publish("m1", content);
  auto small = options();
  small.window = 7'000;
  BlockClient client(small);
  ASSERT_TRUE(fetch(client, "m1", content.size()));
  EXPECT_EQ(got_, content);
  EXPECT_EQ(pieces_, 15);
}

TEST_F(Block, is_a_range_of_its_file) {
  server_->publish("middle", {write("file", "0123456789"), 3, 4});
  BlockClient client(options());
  ASSERT_TRUE(fetch(client, "middle", 4));
  EXPECT_EQ(got_, "3456");
}

TEST_F(Block, an_empty_block_needs_no_network) {
  BlockClient client(options());
  EXPECT_TRUE(client.fetch({"nobody:1", "none", 0}, [](auto) { return Status{}; }));
}

TEST_F(Block, several_readers_are_served_side_by_side_over_kept_connections) {
  const std::string content = random_bytes(3'000'000);
  publish("m1", content);
  publish("m2", "short");
  std::vector<std::thread> readers;
  std::atomic<int> whole = 0;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      BlockClient client(options());
      for (const std::string name : {"m1", "m2", "m1"}) {
        const std::string expected = name == "m1" ? content : "short";
        std::string got;
        const auto outcome =
            client.fetch({host(), name, expected.size()}, [&](std::string_view bytes) {
              got += bytes;
              return Status{};
            });
        if (outcome && got == expected) ++whole;
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(whole, 12);
}

TEST_F(Block, a_name_that_nobody_published_is_missing_and_named) {
  BlockClient client(options());
  const auto outcome = fetch(client, "m9", 5);
  EXPECT_EQ(cause_of(outcome), FetchCause::missing);
  EXPECT_EQ(outcome.error().message(),
            "cannot fetch block 'm9' from " + host() + ": missing: its host has none");
}

TEST_F(Block, a_withdrawn_prefix_takes_all_its_blocks_and_no_other) {
  const std::string path = write("file", "x");
  for (const std::string name : {"job1/m1", "job1/m2", "job10/m1", "job2/m1"}) {
    server_->publish(name, {path, 0, 1});
  }
  server_->withdraw("job1/");
  BlockClient client(options());
  EXPECT_EQ(cause_of(fetch(client, "job1/m1", 1)), FetchCause::missing);
  EXPECT_EQ(cause_of(fetch(client, "job1/m2", 1)), FetchCause::missing);
  EXPECT_TRUE(fetch(client, "job10/m1", 1));
  EXPECT_TRUE(fetch(client, "job2/m1", 1));
}

TEST_F(Block, without_the_token_nothing_is_served) {
  publish("m1", "content");
  auto wrong = options();
  for (const std::string token : {"", "secre", "secret!", "Secret"}) {
    wrong.token = token;
    BlockClient client(wrong);
    EXPECT_EQ(cause_of(fetch(client, "m1", 7)), FetchCause::wrong_token) << token;
  }
}

TEST_F(Block, another_length_than_its_maker_reported_is_corrupt) {
  publish("m1", "content");
  BlockClient client(options());
  EXPECT_EQ(cause_of(fetch(client, "m1", 8)), FetchCause::corrupt);
  EXPECT_EQ(cause_of(fetch(client, "m1", 6)), FetchCause::corrupt);
}

TEST_F(Block, a_file_that_shrank_or_went_is_missing) {
  publish("m1", "content");
  truncate(file("m1").c_str(), 3);
  BlockClient client(options());
  EXPECT_EQ(cause_of(fetch(client, "m1", 7)), FetchCause::missing);
  server_->publish("gone", {file("gone"), 0, 7});
  EXPECT_EQ(cause_of(fetch(client, "gone", 7)), FetchCause::missing);
}

TEST_F(Block, a_host_that_went_is_unreachable) {
  const std::string gone = host();
  server_.reset();
  BlockClient client(options());
  const auto outcome = client.fetch({gone, "m1", 7}, [](auto) { return Status{}; });
  EXPECT_EQ(cause_of(outcome), FetchCause::unreachable);
  EXPECT_EQ(outcome.error().host, gone);
}

TEST_F(Block, a_sink_that_cannot_keep_it_ends_the_fetch) {
  publish("m1", "content");
  BlockClient client(options());
  const auto outcome =
      client.fetch({host(), "m1", 7}, [](auto) -> Status { return failure("disk full"); });
  EXPECT_EQ(cause_of(outcome), FetchCause::not_kept);
  EXPECT_EQ(outcome.error().detail, "disk full");
}

TEST_F(Block, a_stopped_fetch_ends) {
  publish("m1", "content");
  std::stop_source stop;
  stop.request_stop();
  BlockClient client(options());
  const auto outcome = client.fetch(
      {host(), "m1", 7}, [](auto) { return Status{}; }, stop.get_token());
  EXPECT_EQ(cause_of(outcome), FetchCause::stopped);
}

TEST_F(Block, strangers_bytes_are_refused_and_do_not_disturb_others) {
  publish("m1", "content");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server_->port());
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  for (const std::string& hostile :
       {random_bytes(64), std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        "MBQ1" + std::string(60, '\xff')}) {
    const int stranger = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(connect(stranger, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(send(stranger, hostile.data(), hostile.size(), 0),
              static_cast<ssize_t>(hostile.size()));
    // The server answers with a refusal and hangs up.
    char byte = 0;
    while (recv(stranger, &byte, 1, 0) > 0) {
    }
    close(stranger);
  }
  BlockClient client(options());
  EXPECT_TRUE(fetch(client, "m1", 7));
}

TEST_F(Block, a_full_server_lets_readers_come_back_later) {
  server_ = BlockServer::start({.token = "secret", .connections_max = 1}).value();
  publish("m1", "content");
  auto first = std::make_unique<BlockClient>(options());
  ASSERT_TRUE(fetch(*first, "m1", 7));
  BlockClient second(options());
  EXPECT_EQ(cause_of(fetch(second, "m1", 7)), FetchCause::unreachable);
}

TEST(BlockServerStart, refuses_an_empty_token_and_an_address_that_is_none) {
  EXPECT_FALSE(BlockServer::start({}));
  const auto server = BlockServer::start({.ip = "here", .token = "secret"});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().message,
            "cannot serve blocks: cannot listen on 'here': not an IPv4 address");
}

}  // namespace
}  // namespace mesolite::data
