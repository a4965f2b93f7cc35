// What goes over the wire of a cluster whose bus has keys says nothing to who listens; and he would
// have heard it without them.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "kernel/daemon/process.hpp"
#include "tests/support/cluster.hpp"

namespace mesolite::harness {
namespace {

constexpr const char* task_name = "the-name-that-nobody-shall-hear";

// Everything that passes the loopback of the calling thread's network namespace, until it is
// stopped.
class Listener {
 public:
  Listener() : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
    EXPECT_GE(socket_.get(), 0);
    const int size = 64 << 20;  // what comes in bursts must not be lost
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    sockaddr_ll here{};
    here.sll_family = AF_PACKET;
    here.sll_protocol = htons(ETH_P_ALL);
    here.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    thread_ = std::thread([this] { listen(); });
  }
  ~Listener() { stop(); }

  std::string stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    return heard_;
  }

 private:
  void listen() {
    std::string packet(1 << 17, '\0');
    while (true) {
      pollfd entry{socket_.get(), POLLIN, 0};
      const int ready = ::poll(&entry, 1, 50);
      if (ready == 0 && stopping_) return;
      if (ready <= 0) continue;
      const ssize_t size = ::recv(socket_.get(), packet.data(), packet.size(), 0);
      if (size > 0) heard_.append(packet.data(), static_cast<std::size_t>(size));
    }
  }

  daemon::Descriptor socket_;
  std::atomic<bool> stopping_{false};
  std::string heard_;  // the thread's, until it is joined
  std::thread thread_;
};

bool raise_loopback() {
  const daemon::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  return ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
}

// Runs `work` in a network of its own: nothing else can be heard there.
template <class Work>
void in_own_network(Work work) {
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    ASSERT_TRUE(raise_loopback());
    work();
  }).join();
}

// The words of a command that speaks with this key.
using Words = std::vector<std::string>;

// What is heard while a task runs on a cluster.
std::string heard(ClusterOptions options, const Words& identity) {
  std::string heard;
  in_own_network([&] {
    Listener listener;
    Cluster cluster(std::move(options));
    Words words{built("bin/mesolite"), "run", "--master", cluster.master(), "--name", task_name};
    words.insert(words.end(), identity.begin(), identity.end());
    words.insert(words.end(), {"--", "echo", "ran"});
    const Ended ran = run(words);
    EXPECT_EQ(ran.output, "ran\n") << ran.errors;
    heard = listener.stop();
  });
  return heard;
}

class Wire : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  std::string key_of(const std::string& who) { return (files_ / (who + ".key")).string(); }
  std::string trusted() { return (files_ / "trusted").string(); }
  void trust(const std::string& who, Words more = {}) {
    const Ended made = run({built("bin/mesolite"), "keygen", key_of(who)});
    ASSERT_EQ(made.status, 0) << made.errors;
    Words words{built("bin/mesolite"), "trust", "--file", trusted()};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"--", who, made.output.substr(0, made.output.find('\n'))});
    const Ended done = run(words);
    ASSERT_EQ(done.status, 0) << done.errors;
  }
  Words keys(const std::string& who, const std::string& dash) {
    return {"--bus" + dash + "key=" + key_of(who), "--bus" + dash + "trust=" + trusted()};
  }

  Scratch files_;
};

TEST_F(Wire, in_the_clear_tells_the_names_of_tasks) {
  EXPECT_NE(heard({}, {}).find(task_name), std::string::npos);
}

TEST_F(Wire, with_keys_tells_no_names_of_tasks) {
  // One key for all daemons, since all are at one address here.
  trust("daemons", {"--server", "*"});
  trust("ann");
  ClusterOptions options;
  options.master_flags = keys("daemons", "_");
  options.master_flags.push_back("--authenticators=curve");
  options.agent_flags = keys("daemons", "_");
  options.agent_flags.insert(options.agent_flags.end(),
                             {"--authenticatee=curve", "--authenticators=curve"});
  Words identity = keys("ann", "-");
  identity.insert(identity.end(), {"--authenticator", "curve"});
  const std::string all = heard(std::move(options), identity);
  EXPECT_EQ(all.find(task_name), std::string::npos);
  EXPECT_NE(all.find("CURVE"), std::string::npos);  // of its handshakes: something was heard
}

}  // namespace
}  // namespace mesolite::harness
