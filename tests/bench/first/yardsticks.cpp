#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>
#include <zmq.hpp>

#include "tests/bench/first/parts.hpp"
#include "tests/support/wait.hpp"

namespace mesolite::bench {
namespace {

constexpr int spawns = 500;
constexpr int round_trips = 5'000;

double spawns_per_second() {
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  const harness::Stopwatch watch;
  for (int i = 0; i < spawns; ++i) {
    pid_t pid = 0;
    if (::posix_spawn(&pid, program, nullptr, nullptr, arguments, environ) != 0) {
      throw std::runtime_error("cannot spawn /bin/true");
    }
    ::waitpid(pid, nullptr, 0);
  }
  return spawns / to_seconds(watch.elapsed());
}

Duration round_trip() {
  zmq::context_t context;
  zmq::socket_t server(context, zmq::socket_type::pair);
  server.bind("tcp://127.0.0.1:*");
  std::thread echo([&] {
    zmq::message_t message;
    for (int i = 0; i < round_trips; ++i) {
      if (server.recv(message)) server.send(message, zmq::send_flags::none);
    }
  });
  zmq::socket_t client(context, zmq::socket_type::pair);
  client.connect(server.get(zmq::sockopt::last_endpoint));
  std::vector<Duration> samples;
  for (int i = 0; i < round_trips; ++i) {
    const harness::Stopwatch watch;
    zmq::message_t message(64);
    client.send(message, zmq::send_flags::none);
    if (client.recv(message)) samples.push_back(watch.elapsed());
  }
  echo.join();
  return percentile(std::move(samples), 0.5);
}

}  // namespace

void measure_yardsticks(Figures& figures) {
  figures["yardstick_spawns_per_s"] = spawns_per_second();
  figures["yardstick_zmq_round_trip_us_p50"] = to_milliseconds(round_trip()) * 1000;
}

}  // namespace mesolite::bench
