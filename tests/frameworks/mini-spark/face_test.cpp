// Defends: what people see: the progress line, the event log, the page, options and their mistakes.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "frameworks/mini-spark/face/event_log.hpp"
#include "frameworks/mini-spark/face/json.hpp"
#include "frameworks/mini-spark/face/page.hpp"
#include "frameworks/mini-spark/face/progress.hpp"
#include "mesolite/data/file.hpp"
#include "tests/frameworks/mini-spark/contexts.hpp"
#include "tests/support/program.hpp"

namespace mesolite::spark {
namespace {

constexpr const char* engine = "/usr/bin/node";  // a JavaScript engine

AppEvent event_of(AppEventKind kind, Duration at) {
  AppEvent event;
  event.kind = kind;
  event.time = Time(at);
  event.stage = 4;
  return event;
}

TEST(Progress, shows_each_running_stage_and_how_far_it_is) {
  std::FILE* const nowhere = std::fopen("/dev/null", "w");
  {
    ProgressBar bar(nowhere);
    AppEvent started = event_of(AppEventKind::job_started, 1s);
    started.stages = {{4, "reduce_by_key", 8, {}, {}, {}}};
    bar.observe(started);
    bar.observe(event_of(AppEventKind::stage_started, 1s));
    for (int i = 0; i < 4; ++i) bar.observe(event_of(AppEventKind::task_started, 1s));
    for (int i = 0; i < 2; ++i) bar.observe(event_of(AppEventKind::task_ended, 2s));
    EXPECT_EQ(bar.line(), "stage 4 (reduce_by_key) [======>                 ] 2/8 +2");
    bar.observe(event_of(AppEventKind::stage_ended, 3s));
    EXPECT_EQ(bar.line(), "");
  }
  std::fclose(nowhere);
}

TEST(Json, quotes_what_a_reader_could_misread) {
  AppEvent event;
  event.name = "a \"b\"\n\\ \xff";
  event.stages = {{1, "x", 2, {3, 4}, {}, {}}};
  const std::string text = to_json(event);
  EXPECT_NE(text.find(R"("name":"a \"b\"\u000a\\ ?")"), std::string::npos) << text;
  EXPECT_NE(
      text.find(
          R"("stages":[{"stage":1,"name":"x","tasks":2,"parents":[3,4],"steps":[],"kept":[]}])"),
      std::string::npos)
      << text;
  EXPECT_EQ(to_json(std::map<std::string, int>{{"a", 1}, {"b", 2}}), R"({"a":1,"b":2})");
}

std::string get(std::uint16_t port, const std::string& path, const std::string& header = "X: y") {
  const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n";
  EXPECT_EQ(::send(connection, request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(connection, buffer, sizeof(buffer), 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(connection);
  return answer;
}

TEST(EventLog, tells_of_every_job_stage_and_task_in_file_and_page) {
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  const std::string path = scratch->file("events");
  Options options;
  options.master = "local[2]";
  options.quiet = true;
  options.event_log = path;
  {
    SparkContext context(options);
    EXPECT_EQ(context.range(0, 10, 1, 3)
                  .map([](std::int64_t x) { return NumberPair(x % 2, x); })
                  .reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; }, 2)
                  .count(),
              2U);
  }
  std::ifstream file(path);
  std::map<std::string, int> kinds;
  for (std::string line; std::getline(file, line);) ++kinds[line.substr(0, line.find(','))];
  const auto count = [&](AppEventKind kind) {
    return kinds[R"({"kind":")" + std::string(to_text(kind)) + '"'];
  };
  EXPECT_EQ(count(AppEventKind::job_started), 1);
  EXPECT_EQ(count(AppEventKind::job_ended), 1);
  EXPECT_EQ(count(AppEventKind::stage_started), 2);
  EXPECT_EQ(count(AppEventKind::stage_ended), 2);
  EXPECT_EQ(count(AppEventKind::task_started), 5);
  EXPECT_EQ(count(AppEventKind::task_ended), 5);

  EventLog log("", 2);
  log.observe(event_of(AppEventKind::job_started, 1s));
  log.observe(event_of(AppEventKind::job_ended, 1s));
  log.observe(event_of(AppEventKind::stage_started, 1s));
  const auto server = serve_page(0, log);
  ASSERT_TRUE(server);
  EXPECT_NE(get((*server)->port(), "/").find("<title>mini-spark</title>"), std::string::npos);
  EXPECT_NE(get((*server)->port(), "/events").find("\"stage\":4"), std::string::npos);
  const std::string all = get((*server)->port(), "/events");
  EXPECT_NE(all.find(R"({"kind":"dropped","lines":1})"), std::string::npos) << all;
  const std::string last = get((*server)->port(), "/events?from=2");
  EXPECT_EQ(last.find("job_ended"), std::string::npos) << last;
  EXPECT_NE(last.find("stage_started"), std::string::npos) << last;
  for (const char* const wrong : {"/other", "/events?from=x", "/eventsx"}) {
    EXPECT_TRUE(get((*server)->port(), wrong).starts_with("HTTP/1.1 404")) << wrong;
  }
}

TEST(HttpServer, sends_what_is_known_only_once) {
  const auto server =
      HttpServer::start("127.0.0.1", 0, [](std::string_view path) -> std::optional<HttpAnswer> {
        if (path == "/it") return HttpAnswer{.text = "its text", .tag = "\"7\""};
        return std::nullopt;
      });
  ASSERT_TRUE(server) << server.error().message;
  const std::uint16_t port = (*server)->port();
  EXPECT_NE(get(port, "/it").find("ETag: \"7\"\r\n\r\nits text"), std::string::npos);
  EXPECT_NE(get(port, "/it", "If-None-Match: \"6\"").find("its text"), std::string::npos);
  const std::string known = get(port, "/it", "If-None-Match: \"7\"");
  EXPECT_TRUE(known.starts_with("HTTP/1.1 304 ")) << known;
  EXPECT_EQ(known.find("its text"), std::string::npos) << known;
}

// As much of a browser as the page's script needs.
constexpr std::string_view browser = R"js(
const made = {};
class Element {
  constructor() { Object.assign(this, {children: [], textContent: "", attributes: {}}); }
  append(...more) { this.children.push(...more); }
  replaceChildren(...fresh) { this.children = fresh; }
  setAttribute(name, value) { this.attributes[name] = value; }
  text() { return [this.textContent, ...this.children.map(c => c.text ? c.text() : c)].join(" "); }
}
const document = {getElementById: id => made[id] ??= new Element(),
                  createElement: () => new Element(), createElementNS: () => new Element()};
const location = {protocol: "file:"};
)js";

// What stands in each part of the page after a replay, a line each.
std::string replayed(const std::string& log, const data::ScratchDirectory& scratch) {
  const std::string_view page = page_html();
  const std::size_t begin = page.find("<script>") + 8;
  const std::string path = scratch.file("page.js");
  std::ofstream(path) << browser << page.substr(begin, page.find("</script>") - begin)
                      << "show(take(newApp(), require('fs').readFileSync('" << log
                      << "', 'utf8')), 'replay');"
                      << "for (const id in made) console.log(id + ': ' + made[id].text()"
                         ".replace(/\\s+/g, ' '));";
  const harness::Ended ended = harness::run({engine, path});
  EXPECT_EQ(ended.status, 0) << ended.errors;
  return ended.output;
}

TEST(Page, draws_a_finished_run_from_its_event_log) {
  if (!std::filesystem::exists(engine)) GTEST_SKIP() << "needs " << engine;
  auto scratch = data::ScratchDirectory::create(::testing::TempDir(), "mini-spark-test-");
  Options options;
  options.master = "local[2]";
  options.name = "a run";
  options.quiet = true;
  options.event_log = scratch->file("events");
  std::optional<RDD<NumberPair>> pairs;  // kept to the end of the run
  {
    SparkContext context(options);
    pairs = context.range(0, 10, 1, 3).map([](std::int64_t x) { return NumberPair(x % 2, x); });
    pairs->cache();
    pairs->reduce_by_key([](std::int64_t a, std::int64_t b) { return a + b; }, 2).count();
    const auto failing =
        pairs->filter([](const NumberPair&) -> bool { throw std::runtime_error("no"); });
    EXPECT_THROW(failing.collect(), SparkError);
  }
  const std::string shown = replayed(options.event_log, *scratch);
  const auto expect = [&](const std::string& text) {
    EXPECT_NE(shown.find(text), std::string::npos) << text << " is not in\n" << shown;
  };
  expect("name: a run");
  expect("on local[2]");
  expect("1 count done");
  expect("2 collect stage 3 (collect), partition ");
  expect("1 reduce_by_key 3/3 0 ");
  expect("2 count 2/2 0 ");
  expect("chosen: 2 (collect)");
  expect("range > map > filter > collect");
  expect("map memory 3/3 ");
  expect("1 this process alive ");
}

TEST(OptionsOfAProgram, are_taken_and_the_rest_is_left) {
  const auto parsed = parse_options(
      {"--master=local[3]", "--memory", "64M", "in", "--pools=fair", "--quiet", "--", "--cores"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*local_slots(parsed->options.master), 3U);
  EXPECT_EQ(parsed->options.memory, 64U << 20);
  EXPECT_EQ(parsed->options.tracker.mode, PoolMode::fair);
  EXPECT_TRUE(parsed->options.quiet);
  EXPECT_EQ(parsed->rest, (std::vector<std::string>{"in", "--cores"}));
  EXPECT_EQ(*local_slots("10.0.0.1:5050"), 0U);
}

TEST(OptionsOfAProgram, that_are_wrong_get_one_sentence) {
  const auto problem = [](const std::vector<std::string>& arguments) {
    const auto parsed = parse_options(arguments);
    return parsed ? "none" : parsed.error().message;
  };
  EXPECT_EQ(problem({"--memory=1"}), "--memory: at least 16M are needed");
  EXPECT_EQ(problem({"--cores=two"}), "--cores: 'two' is not a number");
  EXPECT_EQ(problem({"--cores=0"}), "--cores: at least one is needed");
  EXPECT_EQ(problem({"--name"}), "--name needs a value");
  EXPECT_EQ(problem({"--pools=x"}), "--pools: expected fifo or fair");
  EXPECT_EQ(problem({"--master=local[0]"}),
            "master 'local[0]': expected local[N] with N > 0, or local[*]");
  Options wrong;
  wrong.master = "local[x]";
  EXPECT_THROW(SparkContext{wrong}, SparkError);
}

}  // namespace
}  // namespace mesolite::spark
