// With keys, whom the other end does not trust stays outside, and each end knows who the other is.
#include "sdk/net/curve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mesolite/base/guarded_file.hpp"
#include "sdk/net/bus.hpp"
#include "tests/sdk/net/bus_peers.hpp"

namespace mesolite::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Curve identity(const CurveKey& own, std::vector<TrustedKey> trusted) {
  return std::make_shared<const CurveIdentity>(CurveIdentity{own, std::move(trusted)});
}

TEST(Curve, keys_are_read_as_they_were_written) {
  const CurveKey key = make_curve_key().value();
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("key-" + std::to_string(::getpid()));
  ASSERT_TRUE(write_secret_file(file, to_text(key)));
  const auto read = read_curve_key(file);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->public_key, key.public_key);
  EXPECT_EQ(read->secret_key, key.secret_key);
  CurveKey mixed = key;
  mixed.public_key = make_curve_key()->public_key;
  ASSERT_TRUE(write_secret_file(file, to_text(mixed)));
  EXPECT_THAT(read_curve_key(file).error().message, HasSubstr("holds no pair"));
  EXPECT_THAT(read_curve_key(file).error().message, Not(HasSubstr(key.secret_key)));
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  EXPECT_THAT(read_curve_key(file).error().message, HasSubstr("chmod 600"));
  std::filesystem::remove(file);
}

TEST(Curve, trust_is_read_as_it_was_written) {
  const std::string key = make_curve_key()->public_key;
  const auto trusted = parse_trusted("# friends\n\n" + key + "  ann\t10.0.0.1  *\n");
  ASSERT_TRUE(trusted) << trusted.error().message;
  ASSERT_EQ(trusted->size(), 1u);
  EXPECT_EQ(trusted->front().principal, "ann");
  EXPECT_EQ(trusted->front().servers, (std::vector<std::string>{"10.0.0.1", "*"}));
  EXPECT_EQ(to_text(parse_trusted(to_text(*trusted)).value()), to_text(*trusted));
}

TEST(Curve, bad_lines_of_trust_are_named) {
  const std::string key = make_curve_key()->public_key;
  EXPECT_THAT(parse_trusted("\nann key\n").error().message, HasSubstr("line 2"));
  EXPECT_THAT(parse_trusted(key + "\n").error().message, HasSubstr("line 1"));
  EXPECT_THAT(parse_trusted(key + " ann\n" + key + " bob\n").error().message,
              HasSubstr("line 2: the key of 'bob' stands twice"));
}

TEST(Curve, the_key_of_a_server_is_that_of_the_line_that_names_it_best) {
  const CurveIdentity known{{},
                            {{"any", "agents", {"*"}},
                             {"host", "master", {"10.0.0.1"}},
                             {"port", "other", {"10.0.0.1:7000"}},
                             {"none", "ann", {}}}};
  EXPECT_EQ(known.server_key("tcp://10.0.0.1:6050").value(), "host");
  EXPECT_EQ(known.server_key("tcp://10.0.0.1:7000").value(), "port");
  EXPECT_EQ(known.server_key("tcp://10.0.0.2:6050").value(), "any");
  const CurveIdentity nobody{{}, {{"none", "ann", {}}}};
  EXPECT_THAT(nobody.server_key("tcp://10.0.0.2:6050").error().message,
              HasSubstr("'tcp://10.0.0.2:6050' is trusted"));
}

TEST(Curve, half_of_what_is_needed_is_refused) {
  EXPECT_EQ(read_curve("", "").value(), nullptr);
  EXPECT_FALSE(read_curve("/key", ""));
  EXPECT_FALSE(read_curve("", "/trust"));
}

// ---- on the bus
// ----------------------------------------------------------------------------------

struct Comers {
  std::vector<std::string> principals;  // of those who said something
  std::vector<std::string> refused;     // keys
};

class CurveServer final : public BusServer::Handler {
 public:
  explicit CurveServer(const Curve& curve) : server_(thread_.reactor, *this) {
    server_.secure(curve);
    const auto bound = server_.bind("tcp://127.0.0.1:0");
    EXPECT_TRUE(bound) << bound.error().message;
    endpoint = bound.value_or("");
    thread_.start();
  }
  ~CurveServer() override { thread_.stop(); }

  void received(PeerId peer, Message) override {
    record.change([&](Comers& state) { state.principals.push_back(server_.principal(peer)); });
  }
  void peer_lost(PeerId) override {}
  void key_refused(const std::string&, const std::string& key) override {
    record.change([&](Comers& state) { state.refused.push_back(key); });
  }

  std::string endpoint;
  Watched<Comers> record;

 private:
  ReactorThread thread_;
  BusServer server_;
};

class CurveClient final : public BusClient::Handler {
 public:
  explicit CurveClient(const Curve& curve) : client_(thread_.reactor, *this) {
    client_.secure(curve);
    thread_.start();
  }
  ~CurveClient() override { thread_.stop(); }

  Status connect(const std::string& endpoint) {
    return thread_.run([&] { return client_.connect(endpoint); });
  }
  void connected() override {
    client_.send(Pong{1});
    record.change([](ClientRecord& state) { ++state.connected; });
  }
  void disconnected() override {}
  void received(Message, std::uint64_t) override {}

  Watched<ClientRecord> record;

 private:
  ReactorThread thread_;
  BusClient client_;
};

class CurveBus : public ::testing::Test {
 protected:
  // Of a client, for whom the server has this key.
  Curve client_with(const CurveKey& own, const CurveKey& server) {
    return identity(own, {{server.public_key, "master", {"*"}}});
  }

  const CurveKey server_key_ = make_curve_key().value();
  const CurveKey ann_key_ = make_curve_key().value();
  const CurveKey eve_key_ = make_curve_key().value();
  CurveServer server_{identity(server_key_, {{ann_key_.public_key, "ann", {}}})};
};

TEST_F(CurveBus, who_is_trusted_comes_in_as_who_he_is) {
  CurveClient ann(client_with(ann_key_, server_key_));
  ASSERT_TRUE(ann.connect(server_.endpoint));
  ASSERT_TRUE(server_.record.wait([](const auto& state) { return !state.principals.empty(); }));
  EXPECT_EQ(server_.record.get().principals, std::vector<std::string>{"ann"});
}

TEST_F(CurveBus, who_is_not_trusted_stays_outside_and_is_reported) {
  CurveClient eve(client_with(eve_key_, server_key_));
  ASSERT_TRUE(eve.connect(server_.endpoint));
  ASSERT_TRUE(server_.record.wait([](const auto& state) { return !state.refused.empty(); }));
  EXPECT_EQ(server_.record.get().refused.front(), eve_key_.public_key);
  EXPECT_EQ(eve.record.get().connected, 0);
}

// The trusted client comes in after the others have tried for a while, and alone.
TEST_F(CurveBus, who_speaks_in_the_clear_or_to_another_server_stays_outside) {
  CurveClient plain(nullptr);
  CurveClient misled(client_with(ann_key_, eve_key_));
  ASSERT_TRUE(plain.connect(server_.endpoint));
  ASSERT_TRUE(misled.connect(server_.endpoint));
  CurveClient ann(client_with(ann_key_, server_key_));
  ASSERT_TRUE(ann.connect(server_.endpoint));
  ASSERT_TRUE(server_.record.wait([](const auto& state) { return !state.principals.empty(); }));
  EXPECT_EQ(plain.record.get().connected, 0);
  EXPECT_EQ(misled.record.get().connected, 0);
  EXPECT_EQ(server_.record.get().principals.size(), 1u);
}

TEST_F(CurveBus, a_server_whose_key_is_not_known_is_not_connected_to) {
  CurveClient ann(identity(ann_key_, {}));
  EXPECT_THAT(ann.connect(server_.endpoint).error().message, HasSubstr("is trusted"));
}

}  // namespace
}  // namespace mesolite::net
