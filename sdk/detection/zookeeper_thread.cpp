#include "sdk/detection/zookeeper_thread.hpp"

#include <pthread.h>
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace mesolite::detection {
namespace {

// Before another try at a session, when the first could not even be begun: a name that is not
// resolved, a wrong password.
constexpr Duration begin_interval = 1s;
constexpr Duration wait_max = 10s;

AnswerKind kind_of(int code) {
  switch (code) {
    case ZOK:
    case ZNODEEXISTS:  // of a node that shall be there
      return AnswerKind::ok;
    case ZNONODE:
      return AnswerKind::absent;
    case ZCONNECTIONLOSS:
    case ZOPERATIONTIMEOUT:
    case ZINVALIDSTATE:
    case ZSESSIONEXPIRED:
    case ZSESSIONMOVED:
    case ZCLOSING:
      return AnswerKind::lost;
    case ZNOAUTH:
    case ZAUTHFAILED:
      return AnswerKind::refused;
    default:
      return AnswerKind::failed;
  }
}

Answer answer_of(int code) {
  Answer answer;
  answer.kind = kind_of(code);
  const bool against = answer.kind == AnswerKind::refused || answer.kind == AnswerKind::failed;
  if (against) answer.problem = zerror(code);
  return answer;
}

void add_stat(Answer& answer, const Stat* stat) {
  if (stat == nullptr) return;
  answer.created = stat->czxid;
  answer.owner = stat->ephemeralOwner;
}

// What is ours: its maker may do all with it, and whoever reads an election may read it.
const ACL_vector& access_list(const ZooKeeperUrl& url) {
  static ACL lists[] = {{ZOO_PERM_ALL, ZOO_AUTH_IDS}, {ZOO_PERM_READ, ZOO_ANYONE_ID_UNSAFE}};
  static const ACL_vector guarded{2, lists};
  return url.credential.empty() ? ZOO_OPEN_ACL_UNSAFE : guarded;
}

}  // namespace

class ZooKeeperThread::Implementation {
 public:
  Implementation(Settings settings, Participant& participant)
      : settings_(std::move(settings)), participant_(participant) {}

  ~Implementation() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void post(std::function<void(Time)> work) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) return;
      posted_.push_back(std::move(work));
    }
    changed_.notify_one();
  }

 private:
  // One session. The library's callbacks know it by this; it lives until the library has let go.
  struct Link {
    Implementation& owner;
    std::uint64_t number;
    zhandle_t* handle = nullptr;
  };

  // ---- the library's threads
  // ---------------------------------------------------------------------

  static void on_event(zhandle_t* handle, int type, int state, const char*, void* context) {
    Link& link = *static_cast<Link*>(context);
    Session session;
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE) {
      session.id = zoo_client_id(handle)->client_id;
      session.timeout = std::chrono::milliseconds(zoo_recv_timeout(handle));
    }
    link.owner.post_of(link, [&owner = link.owner, type, state, session](Time now) {
      owner.take_event(now, type, state, session);
    });
  }

  // Hands in an answer; `context` is the Link.
  static void answer(const void* context, Answer answer) {
    const Link& link = *static_cast<const Link*>(context);
    link.owner.post_of(link, [&owner = link.owner, answer = std::move(answer)](Time now) {
      owner.participant_.answered(now, answer);
    });
  }
  static void on_done(int code, const void* context) { answer(context, answer_of(code)); }
  static void on_made(int code, const char*, const void* context) {
    answer(context, answer_of(code));
  }
  static void on_list(int code, const String_vector* names, const void* context) {
    Answer list = answer_of(code);
    for (int i = 0; names != nullptr && i < names->count; ++i) {
      list.children.emplace_back(names->data[i]);
    }
    answer(context, std::move(list));
  }
  static void on_data(int code, const char* value, int size, const Stat* stat,
                      const void* context) {
    Answer data = answer_of(code);
    if (value != nullptr && size > 0) data.data.assign(value, static_cast<std::size_t>(size));
    add_stat(data, stat);
    answer(context, std::move(data));
  }

  // What a session that has been given up still says is dropped.
  void post_of(const Link& link, std::function<void(Time)> work) {
    post([this, number = link.number, work = std::move(work)](Time now) {
      if (link_ && link_->number == number) work(now);
    });
  }

  // ---- our thread
  // --------------------------------------------------------------------------------

  void run() {
    ::pthread_setname_np(::pthread_self(), "election");
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));  // it would write to standard error
    while (true) {
      auto work = next_work();
      if (!work) break;
      const Time time = now();
      (*work)(time);
      participant_.advance(time);
      if (!link_ && time >= begin_at_) begin(time);
      ask();
      tell_problem();
      if (settings_.after_event) settings_.after_event();
    }
    end_session();
  }

  // What was posted, or nothing to do but to look at the clock; none: the end.
  std::optional<std::function<void(Time)>> next_work() {
    std::unique_lock lock(mutex_);
    if (posted_.empty() && !ending_) changed_.wait_for(lock, pause());
    if (ending_) return std::nullopt;
    if (posted_.empty()) return [](Time) {};
    auto work = std::move(posted_.front());
    posted_.pop_front();
    return work;
  }

  Duration pause() const {
    std::optional<Time> next = participant_.next_deadline();
    if (!link_) next = next ? std::min(*next, begin_at_) : begin_at_;
    if (!next) return wait_max;
    return std::clamp<Duration>(*next - now(), Duration::zero(), wait_max);
  }

  void begin(Time time) {
    begin_at_ = time + begin_interval;
    auto link = std::make_unique<Link>(Link{*this, ++links_, nullptr});
    const auto timeout =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_.session_timeout).count();
    // Set before any of its events is looked at: those are posted to this very thread.
    link_ = std::move(link);
    link_->handle = zookeeper_init(server_list(settings_.ensemble).c_str(), &on_event,
                                   static_cast<int>(timeout), nullptr, link_.get(), 0);
    if (link_->handle == nullptr) {
      say("cannot begin a session with " + server_list(settings_.ensemble));
      link_.reset();
      return;
    }
    const std::string& credential = settings_.ensemble.credential;
    if (credential.empty()) return;
    zoo_add_auth(link_->handle, "digest", credential.data(), static_cast<int>(credential.size()),
                 nullptr, nullptr);
  }

  // Blocks until the library's threads have ended.
  void end_session() {
    if (link_) zookeeper_close(link_->handle);
    link_.reset();
  }

  void take_event(Time time, int type, int state, const Session& session) {
    if (type != ZOO_SESSION_EVENT) return participant_.changed(time);
    if (state == ZOO_CONNECTED_STATE) {
      say("connected, session timeout " + to_text(session.timeout));
      return participant_.connected(time, session);
    }
    const bool over = state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE;
    if (!over) return participant_.suspended();
    const bool expired = state == ZOO_EXPIRED_SESSION_STATE;
    say(expired ? "the session has expired" : "the credential was refused");
    end_session();
    begin_at_ = expired ? time : time + begin_interval;
    participant_.expired(time);
  }

  void ask() {
    if (!link_) return;
    const auto request = participant_.take_request();
    if (!request) return;
    const int code = send(*request);
    // The participant sees it as an event of its own, like any answer.
    if (code != ZOK) answer(link_.get(), answer_of(code));
  }

  int send(const Request& request) {
    zhandle_t* handle = link_->handle;
    const char* path = request.path.c_str();
    const int watch = request.watch ? 1 : 0;
    const auto make = [&](int flags) {
      return zoo_acreate(handle, path, request.data.data(), static_cast<int>(request.data.size()),
                         &access_list(settings_.ensemble), flags, &on_made, link_.get());
    };
    switch (request.kind) {
      case Request::Kind::make:
        return make(0);
      case Request::Kind::stand:
        return make(ZOO_EPHEMERAL | ZOO_SEQUENCE);
      case Request::Kind::list:
        return zoo_aget_children(handle, path, watch, &on_list, link_.get());
      case Request::Kind::look:
        return zoo_aget(handle, path, watch, &on_data, link_.get());
      case Request::Kind::remove:
        return zoo_adelete(handle, path, -1, &on_done, link_.get());
    }
    return ZBADARGUMENTS;
  }

  void tell_problem() {
    if (participant_.problem() == problem_) return;
    problem_ = participant_.problem();
    if (!problem_.empty()) say(problem_);
  }

  void say(const std::string& text) {
    if (settings_.notice) settings_.notice("zookeeper " + text);
  }

  const Settings settings_;
  Participant& participant_;
  std::unique_ptr<Link> link_;  // the session
  std::uint64_t links_ = 0;
  Time begin_at_{};
  std::string problem_;  // said last

  // Guards what other threads hand to ours; held for a move in or out only.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void(Time)>> posted_;
  bool ending_ = false;
  std::thread thread_;
};

ZooKeeperThread::ZooKeeperThread(Settings settings, Participant& participant)
    : implementation_(std::make_unique<Implementation>(std::move(settings), participant)) {}

ZooKeeperThread::~ZooKeeperThread() = default;

void ZooKeeperThread::start() {
  implementation_->start();
}

void ZooKeeperThread::post(std::function<void(Time)> work) {
  implementation_->post(std::move(work));
}

Time ZooKeeperThread::now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return Time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

}  // namespace mesolite::detection
