#include "sdk/src/framework/sandbox_session.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/sdk/framework/outputs.hpp"

namespace mesolite {
namespace {

class SandboxSessionTest : public testing::Test {
 protected:
  // A sandbox has no callbacks but pieces, which stand among the outputs themselves.
  using Taken = Outputs<SandboxOutput, Piece>;

  Taken take() { return Taken(session_.take()); }

  ReadSandbox request() {
    const auto requests = take().sent<ReadSandbox>();
    EXPECT_EQ(requests.size(), 1u);
    return requests.empty() ? ReadSandbox{} : requests.back();
  }
  ReadSandbox connect() {
    session_.connected(now_);
    session_.received(now_, Welcome{});
    return request();
  }
  void answer(const ReadSandbox& to, const std::string& data, bool end = false) {
    session_.received(now_, SandboxData{to.request, Bytes(data), end, ""});
  }

  const std::unique_ptr<ClientAuthentication> nobody_ = make_client_authentication({}).value();
  SandboxSession session_{
      {"tcp://agent:1", FrameworkId("F1"), TaskId("T1"), "stdout"}, {}, *nobody_};
  Time now_{1000s};
};

TEST_F(SandboxSessionTest, reads_piece_after_piece_to_the_end) {
  session_.start(now_);
  EXPECT_EQ(take().only<Connect>().endpoint, "tcp://agent:1");
  const auto first = connect();
  EXPECT_EQ(first.file, "stdout");
  EXPECT_EQ(first.offset, 0u);
  answer(first, "hello ");
  const Taken more(session_.take());
  EXPECT_EQ(more.only<Piece>().data, Bytes("hello "));
  const auto second = more.sent<ReadSandbox>().at(0);
  EXPECT_EQ(second.offset, 6u);
  answer(second, "world", true);
  const auto ended = take();
  EXPECT_EQ(ended.only<Piece>().data, Bytes("world"));
  EXPECT_TRUE(ended.only<ReadingEnded>().status);
}

TEST_F(SandboxSessionTest, looks_for_more_after_pauses_of_10_to_50_milliseconds) {
  session_.start(now_);
  take();
  auto asked = connect();
  std::vector<Duration> pauses;
  for (int i = 0; i < 5; ++i) {
    answer(asked, "");
    pauses.push_back(session_.next_deadline().value() - now_);
    now_ = session_.next_deadline().value();
    session_.advance(now_);
    asked = request();
  }
  EXPECT_EQ(pauses, (std::vector<Duration>{10ms, 20ms, 40ms, 50ms, 50ms}));
}

TEST_F(SandboxSessionTest, goes_on_where_it_was_after_a_short_loss) {
  session_.start(now_);
  take();
  answer(connect(), "12345");
  const auto unanswered = request();
  session_.disconnected(now_);
  now_ += 2s;
  const auto again = connect();
  EXPECT_EQ(again.offset, 5u);
  answer(unanswered, "late");  // of the link that was lost
  EXPECT_EQ(take().size(), 0u);
  answer(again, "", true);
  EXPECT_TRUE(take().only<ReadingEnded>().status);
}

TEST_F(SandboxSessionTest, gives_up_with_a_sentence) {
  session_.start(now_);
  take();
  session_.advance(now_ + 10s);
  EXPECT_EQ(take().only<ReadingEnded>().status.error().message,
            "cannot read 'stdout' of task 'T1' from agent tcp://agent:1: it is not reached");
}

TEST_F(SandboxSessionTest, passes_on_what_the_agent_says) {
  session_.start(now_);
  take();
  const auto asked = connect();
  session_.received(now_, SandboxData{asked.request, {}, false, "no such task"});
  const std::string message = take().only<ReadingEnded>().status.error().message;
  EXPECT_NE(message.find("no such task"), std::string::npos);
}

}  // namespace
}  // namespace mesolite
