#include <thread>
#include <vector>
#include <zmq.hpp>

#include "tests/bench/end_to_end/parts.hpp"

namespace mesolite::bench {
namespace {

constexpr int messages = 400'000;
constexpr std::size_t message_bytes = 1024;

}  // namespace

void measure_wire(Figures& figures) {
  zmq::context_t context;
  zmq::socket_t receiver(context, zmq::socket_type::pair);
  receiver.set(zmq::sockopt::rcvhwm, 100'000);
  receiver.bind("tcp://127.0.0.1:*");
  zmq::socket_t sender(context, zmq::socket_type::pair);
  sender.set(zmq::sockopt::sndhwm, 100'000);
  sender.connect(receiver.get(zmq::sockopt::last_endpoint));
  const harness::Stopwatch watch;
  std::thread sending([&sender] {
    const std::vector<char> bytes(message_bytes, 'x');
    for (int i = 0; i < messages; ++i) {
      zmq::message_t message(bytes.data(), bytes.size());
      sender.send(message, zmq::send_flags::none);
    }
  });
  zmq::message_t message;
  for (int i = 0; i < messages; ++i) {
    if (!receiver.recv(message)) throw std::runtime_error("a ZeroMQ message was lost");
  }
  figures["zmq_msgs_per_s_1k"] = messages / to_seconds(watch.elapsed());
  sending.join();
}

}  // namespace mesolite::bench
