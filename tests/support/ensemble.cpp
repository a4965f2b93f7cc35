#include "tests/support/ensemble.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel/registry/zookeeper_registry.hpp"

namespace mesolite::harness {
namespace {

constexpr const char* server_jar = "/usr/share/java/zookeeper.jar";
constexpr int servers_count = 3;
constexpr Duration start_patience = 120s;  // three Java machines on a busy one

}  // namespace

std::string ensemble_problem() {
  return std::filesystem::exists(server_jar) ? "" : "needs scripts/setup --zookeeper";
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

Ensemble::Ensemble() {
  std::string peers;
  for (int id = 1; id <= servers_count; ++id) {
    ports_.push_back(free_port());
    peers += "server." + std::to_string(id) + "=127.0.0.1:" + std::to_string(free_port()) + ":" +
             std::to_string(free_port()) + "\n";
  }
  for (int id = 1; id <= servers_count; ++id) {
    const std::filesystem::path data = files_ / ("data" + std::to_string(id));
    std::filesystem::create_directories(data);
    std::ofstream(data / "myid") << id << '\n';
    const std::string port = std::to_string(ports_.at(static_cast<std::size_t>(id - 1)));
    // A tick of half a second allows sessions of one.
    std::ofstream(data / "zoo.cfg")
        << "tickTime=500\ninitLimit=60\nsyncLimit=20\nadmin.enableServer=false\n"
        << "clientPortAddress=127.0.0.1\nclientPort=" << port << "\ndataDir=" << data.string()
        << "\nmaxClientCnxns=0\n"
        << peers;
    servers_.push_back(std::make_unique<Program>(std::vector<std::string>{
        "/usr/bin/java", "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
        "-Dzookeeper.forceSync=no", "-Dzookeeper.log.dir=" + data.string(), "-cp", server_jar,
        "org.apache.zookeeper.server.quorum.QuorumPeerMain", (data / "zoo.cfg").string()}));
  }
  EXPECT_TRUE(eventually([&] { return answers(); }, start_patience))
      << servers_.front()->errors() << servers_.front()->output();
}

Ensemble::~Ensemble() {
  for (const auto& server : servers_) {
    server->signal(SIGKILL);
    EXPECT_TRUE(server->wait());
  }
}

bool Ensemble::answers() const {
  const auto place = detection::parse_zookeeper_url(url("/probe"));
  return registry::open_zookeeper_registry({*place, "", 2s}).has_value();
}

std::string Ensemble::url(const std::string& path) const {
  std::string servers;
  for (const std::uint16_t port : ports_) {
    servers += (servers.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(port);
  }
  return "zk://" + servers + path;
}

void Ensemble::freeze() {
  for (const auto& server : servers_) server->signal(SIGSTOP);
}

void Ensemble::thaw() {
  for (const auto& server : servers_) server->signal(SIGCONT);
}

}  // namespace mesolite::harness
