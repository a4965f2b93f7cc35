// Files fetched into sandboxes, by the real mesolite-fetch, from files and from a server of ours.
#include "kernel/container/fetcher.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <future>

#include "tests/kernel/container/containers.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* fetch_program = MESOLITE_BUILD_DIR "/libexec/mesolite/mesolite-fetch";

// Answers every connection with what `answer` makes of the request, and closes it.
class Server {
 public:
  explicit Server(std::function<std::string(const std::string&)> answer)
      : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  void serve() {
    while (true) {
      const Descriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer) return;
      std::string request;
      char piece[4096];
      while (request.find("\r\n\r\n") == request.npos) {
        const ssize_t count = ::recv(peer.get(), piece, sizeof piece, 0);
        if (count <= 0) break;
        request.append(piece, static_cast<std::size_t>(count));
      }
      const std::string answer = answer_(request);
      ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  std::function<std::string(const std::string&)> answer_;
  Descriptor listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string http_answer(const std::string& status, const std::string& body,
                        const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

Uri uri(const std::string& value) {
  Uri made;
  made.value = value;
  return made;
}

class FetcherTest : public testing::Test {
 protected:
  FetcherTest() { restart({}); }

  void restart(FetcherSettings settings) {
    fetcher_.reset();
    settings.program = fetch_program;
    settings.cache_directory = scratch_ / "cache";
    fetcher_ = std::make_unique<Fetcher>(settings, [this](const ContainerId&, Status status) {
      done_.set_value(std::move(status));
    });
  }
  void begin(const std::vector<Uri>& uris) {
    done_ = {};
    FetchJob job;
    job.container = ContainerId("c");
    job.sandbox = Descriptor(::open(sandbox_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    job.uris = uris;
    fetcher_->fetch(std::move(job));
  }
  Status end() {
    auto done = done_.get_future();
    if (done.wait_for(patience) != std::future_status::ready) return failure("it takes too long");
    return done.get();
  }
  Status fetch(const std::vector<Uri>& uris) {
    begin(uris);
    return end();
  }
  std::string fetched(const std::string& name) const { return harness::read_file(sandbox_ / name); }
  // An archive of the source directory, made by tar(1).
  std::string archive(const std::string& name, const std::string& what) {
    const std::string command =
        "tar -caPf " + (source_ / name).string() + " -C " + source_.path().string() + " " + what;
    EXPECT_EQ(std::system(command.c_str()), 0);
    return (source_ / name).string();
  }

  harness::Scratch scratch_;
  harness::Scratch source_;
  harness::Scratch sandbox_;
  std::promise<Status> done_;
  std::unique_ptr<Fetcher> fetcher_;
};

TEST_F(FetcherTest, brings_files_under_the_name_asked_for_and_executable_if_they_are_to_be) {
  std::ofstream(source_ / "a.sh") << "#!/bin/sh\n";
  Uri program = uri((source_ / "a.sh").string());
  program.executable = true;
  Uri renamed = uri("file://" + (source_ / "a.sh").string());
  renamed.output_file = "b";
  const auto status = fetch({program, renamed});
  ASSERT_TRUE(status) << status.error().message;
  struct stat facts {};
  ASSERT_EQ(::stat((sandbox_ / "a.sh").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0755u);
  ASSERT_EQ(::stat((sandbox_ / "b").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0644u);
  EXPECT_EQ(fetched("b"), "#!/bin/sh\n");
}

TEST_F(FetcherTest, brings_what_a_server_gives_also_after_redirects) {
  const Server server([](const std::string& request) {
    if (request.starts_with("GET /old ")) {
      return http_answer("302 Found", "", "Location: /new?x=1\r\n");
    }
    return http_answer("200 OK", "content");
  });
  ASSERT_TRUE(fetch({uri(server.url("/old"))}));
  EXPECT_EQ(fetched("old"), "content");
}

TEST_F(FetcherTest, says_in_one_sentence_what_could_not_be_brought_and_why) {
  const Server server([](const std::string& request) {
    if (request.starts_with("GET /evil ")) {
      return http_answer("302 Found", "", "Location: file:///etc/passwd\r\n");
    }
    return http_answer("404 Not Found", "");
  });
  const auto why = [&](const std::string& value) {
    const auto status = fetch({uri(value)});
    return status ? "" : status.error().message;
  };
  EXPECT_EQ(why(server.url("/no")),
            "cannot fetch '" + server.url("/no") + "': the server answers with status 404");
  EXPECT_THAT(why(server.url("/evil")), HasSubstr("cannot fetch"));
  EXPECT_EQ(why("/does/not/exist"), "cannot fetch '/does/not/exist': No such file or directory");
  EXPECT_EQ(why("/proc"), "cannot fetch '/proc': it is not a regular file");
  EXPECT_THAT(why("ftp://host/file"), HasSubstr("nor http or https"));
  EXPECT_THAT(why("http://127.0.0.1:1/x"), HasSubstr("cannot fetch 'http://127.0.0.1:1/x': "));
  EXPECT_THAT(why("/etc/"), HasSubstr("'' is no name of a file"));
  EXPECT_THAT(why("/a/stdout"), HasSubstr("is where the output goes"));
}

TEST_F(FetcherTest, two_files_of_one_name_are_refused) {
  const auto status = fetch({uri("/etc/hostname"), uri("file:///tmp/hostname")});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("another one becomes 'hostname' too"));
}

TEST_F(FetcherTest, unpacks_archives_unless_the_uri_says_no) {
  fs::create_directory(source_ / "d");
  std::ofstream(source_ / "d/f") << "inside";
  const std::string path = archive("x.tar.gz", "d");
  Uri kept = uri(path);
  kept.extract = false;
  ASSERT_TRUE(fetch({kept}));
  EXPECT_FALSE(fs::exists(sandbox_ / "d"));
  const auto status = fetch({uri(path)});
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(fetched("d/f"), "inside");
}

TEST_F(FetcherTest, writes_nothing_outside_of_the_sandbox_whatever_an_archive_holds) {
  std::ofstream(source_ / "f") << "escaped";
  fs::create_directory_symlink(scratch_.path(), source_ / "link");
  const std::string target = (scratch_ / "escaped").string();
  struct Evil {
    const char* name;
    std::string what;
    bool refused;
  };
  const Evil evils[] = {{"absolute.tar", "--transform 's|f|" + target + "|' f", true},
                        {"dots.tar", "--transform 's|f|../escaped|' f", true},
                        // The link makes way for a directory.
                        {"link.tar", "--transform 's|^f|link/escaped|' link f", false}};
  for (const auto& [name, what, refused] : evils) {
    EXPECT_EQ(fetch({uri(archive(name, what))}).has_value(), !refused) << name;
    EXPECT_FALSE(fs::exists(target)) << name;
    EXPECT_FALSE(fs::exists(sandbox_.path().parent_path() / "escaped")) << name;
  }
}

TEST_F(FetcherTest, limits_what_comes_out_of_an_archive) {
  { std::ofstream(source_ / "zeros") << std::string(1 << 20, '\0'); }
  const std::string path = archive("bomb.tar.gz", "zeros");
  FetcherSettings settings;
  settings.bytes_max = 100'000;
  restart(settings);
  const auto status = fetch({uri(path)});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("holds more than 100000 bytes"));
}

TEST_F(FetcherTest, a_file_that_is_cut_short_is_no_archive) {
  std::ofstream(source_ / "broken.tar.gz") << "\x1f\x8b\x08 and so on";
  const auto status = fetch({uri((source_ / "broken.tar.gz").string())});
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("cannot unpack 'broken.tar.gz': "));
}

TEST_F(FetcherTest, asks_the_server_whether_a_copy_still_holds) {
  std::atomic<int> full = 0;
  std::atomic<int> unchanged = 0;
  std::atomic<int> version = 1;
  const Server server([&](const std::string& request) {
    const std::string tag = "\"" + std::to_string(version) + "\"";
    if (request.find("If-None-Match: " + tag) != request.npos) {
      ++unchanged;
      return http_answer("304 Not Modified", "");
    }
    ++full;
    return http_answer("200 OK", "version " + std::to_string(version), "ETag: " + tag + "\r\n");
  });
  Uri cached = uri(server.url("/f"));
  cached.cache = true;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(fetch({cached}));
    EXPECT_EQ(fetched("f"), "version 1");
  }
  EXPECT_EQ(full, 1);
  EXPECT_EQ(unchanged, 2);
  version = 2;
  ASSERT_TRUE(fetch({cached}));
  EXPECT_EQ(fetched("f"), "version 2");
}

TEST_F(FetcherTest, can_be_cancelled) {
  std::promise<void> asked;
  std::promise<void> over;
  auto held = over.get_future();
  const Server server([&](const std::string&) {
    asked.set_value();
    held.wait();
    return std::string();
  });
  begin({uri(server.url("/slow"))});
  asked.get_future().wait();
  fetcher_->cancel(ContainerId("c"));
  const auto status = end();
  over.set_value();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "killed while its files were fetched");
}

TEST(FetchCache, keeps_within_its_limit_and_lets_go_what_was_unused_longest) {
  const harness::Scratch scratch;
  FetchCache cache(scratch / "cache", 25);
  const auto keep = [&](const std::string& key, const Fetched& fetched) {
    std::ofstream(scratch / key) << "content of " << key;
    cache.keep(key, Descriptor(::open((scratch / key).c_str(), O_RDONLY | O_CLOEXEC)), fetched);
  };
  keep("u", Fetched{});
  EXPECT_EQ(cache.find("u"), nullptr) << "nobody could say whether it has changed";
  const Fetched fetched{false, "x", ""};
  keep("a", fetched);
  keep("b", fetched);
  EXPECT_NE(cache.find("a"), nullptr);
  keep("c", fetched);
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_NE(cache.find("c"), nullptr);
  EXPECT_EQ(cache.bytes(), 24u);
}

TEST(FetchCache, holds_one_copy_of_what_several_uris_have_brought) {
  const harness::Scratch scratch;
  FetchCache cache(scratch / "cache", 25);
  std::ofstream(scratch / "file") << "content of a";
  const Descriptor file(::open((scratch / "file").c_str(), O_RDONLY | O_CLOEXEC));
  cache.keep("here", file, {false, "x", ""});
  cache.keep("there", file, {false, "y", ""});
  ASSERT_NE(cache.find("here"), nullptr);
  ASSERT_NE(cache.find("there"), nullptr);
  EXPECT_EQ(cache.find("here")->path, cache.find("there")->path);
  EXPECT_EQ(cache.find("there")->etag, "y");
  EXPECT_EQ(cache.bytes(), 12u);
  cache.keep("here", file, {false, "z", ""});
  EXPECT_EQ(cache.bytes(), 12u);
  std::ofstream(scratch / "large") << "twenty-five is the most";
  const Descriptor large(::open((scratch / "large").c_str(), O_RDONLY | O_CLOEXEC));
  cache.keep("large", large, {false, "x", ""});
  EXPECT_EQ(cache.find("here"), nullptr);
  EXPECT_EQ(cache.find("there"), nullptr);
  EXPECT_EQ(cache.bytes(), 23u) << "the copy has gone with its last key";
}

}  // namespace
}  // namespace mesolite::container
