#include "kernel/modules/process_instance.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <future>
#include <utility>

namespace mesolite::modules {
namespace {

using Clock = std::chrono::steady_clock;

std::string pause_text(Duration pause) {
  return pause == Duration(0) ? "it is started again" : "it is started again in " + to_text(pause);
}

}  // namespace

Result<std::unique_ptr<ProcessInstance>> ProcessInstance::start(ProcessSettings settings,
                                                                Host& host) {
  std::unique_ptr<ProcessInstance> instance(new ProcessInstance(std::move(settings), host));
  // A process ends with the thread that has started it, so that is always the keeper.
  std::promise<Status> started;
  std::future<Status> first = started.get_future();
  instance->keeper_ = std::thread([started = std::move(started), self = instance.get()]() mutable {
    Status launched = self->launch();
    const bool runs = launched.has_value();
    started.set_value(std::move(launched));
    if (runs) self->keep();
    self->process_.reset();
  });
  ::pthread_setname_np(instance->keeper_.native_handle(), "module-keeper");
  const Status launched = first.get();
  if (!launched) return tl::unexpected(launched.error());
  return instance;
}

ProcessInstance::ProcessInstance(ProcessSettings settings, Host& host)
    : settings_(std::move(settings)), host_(host), wake_(::eventfd(0, EFD_CLOEXEC)) {}

ProcessInstance::~ProcessInstance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  if (keeper_.joinable()) keeper_.join();
}

// ---- calls
// ---------------------------------------------------------------------------------------

Result<std::string> ProcessInstance::call(std::uint32_t method, std::string_view request) {
  const std::lock_guard lock(mutex_);
  if (down_) return failure("it is not running: " + problem_);
  if (fresh_) return failure("it was started again and knows nothing yet");
  auto answer = process_->ask(method, request, settings_.call_timeout);
  if (!answer) return failure(lose(answer.error().message));
  if (answer->word == MESOLITE_FAILED) return failure(std::move(answer->bytes));
  if (answer->word != MESOLITE_OK) {
    return failure(lose("what its host process answered is no answer"));
  }
  return std::move(answer->bytes);
}

bool ProcessInstance::current() const {
  return !down_ && !fresh_;
}

void ProcessInstance::resume() {
  fresh_ = false;
}

void ProcessInstance::on_fresh(std::function<void()> on_fresh) {
  const std::lock_guard lock(mutex_);
  on_fresh_ = std::move(on_fresh);
}

pid_t ProcessInstance::process_id() const {
  const std::lock_guard lock(mutex_);
  return process_->pid();
}

Result<Descriptor> ProcessInstance::copy_descriptor(int number) const {
  const std::lock_guard lock(mutex_);
  if (down_) return failure("it is not running: " + problem_);
  return process_->copy_descriptor(number);
}

std::string ProcessInstance::lose(const std::string& problem) {
  if (down_) return problem_;
  down_ = true;
  problem_ = problem;
  process_->end();
  return problem_;
}

// ---- the keeper
// ----------------------------------------------------------------------------------

Status ProcessInstance::launch() {
  const std::string file = module_title(settings_.file);
  auto process = HostProcess::spawn(settings_.program, settings_.file);
  if (!process) return failure(file + " cannot be started", process.error());
  const auto description = (*process)->report(settings_.start_timeout);
  if (!description && (*process)->ended()) {
    return failure(file + " cannot be opened", description.error());
  }
  if (!description) return tl::unexpected(description.error());
  const std::string problem = unusable(*description, settings_.wanted, settings_.parameters);
  if (!problem.empty()) return failure(file + " " + problem);
  const auto made =
      (*process)->ask(create_word, encode(settings_.parameters), settings_.start_timeout);
  if (!made) return failure(file + " cannot be started", made.error());
  if (made->word != MESOLITE_OK) return failure(file + " cannot be started: " + made->bytes);
  if (title_.empty()) title_ = description->kind + " '" + description->name + "'";
  process_ = std::move(*process);
  return {};
}

void ProcessInstance::keep() {
  Duration pause_next{0};
  while (true) {
    const auto born = Clock::now();
    listen();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      lose("its host process " + process_->end());
    }
    if (Clock::now() - born >= settings_.pause_max) pause_next = Duration(0);
    do {
      host_.log(Severity::error, problem_ + "; " + pause_text(pause_next));
      if (!pause(pause_next)) return;
      pause_next = std::clamp<Duration>(2 * pause_next, settings_.pause_first, settings_.pause_max);
    } while (!start_again());
    tell_fresh();
  }
}

void ProcessInstance::tell_fresh() const {
  std::function<void()> tell;
  {
    const std::lock_guard lock(mutex_);
    tell = on_fresh_;
  }
  if (tell) tell();
}

void ProcessInstance::listen() {
  while (true) {
    std::array<pollfd, 2> polled = {pollfd{process_->news(), POLLIN, 0},
                                    pollfd{wake_.get(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled[1].revents != 0) return;
    const auto news = read_news(process_->news());
    if (!news && news.error() == FrameProblem::ended) return;
    if (!news) continue;
    if (news->word == notice_word) {
      host_.notify(news->bytes);
    } else if (news->word <= static_cast<std::uint32_t>(Severity::error)) {
      host_.log(static_cast<Severity>(news->word), news->bytes);
    }
  }
}

bool ProcessInstance::pause(Duration length) {
  std::unique_lock lock(mutex_);
  const auto whole = std::chrono::duration_cast<Clock::duration>(length);
  return !stop_.wait_for(lock, whole, [this] { return stopping_; });
}

bool ProcessInstance::start_again() {
  const std::lock_guard lock(mutex_);
  if (const Status launched = launch(); !launched) {
    problem_ = launched.error().message;
    return false;
  }
  fresh_ = settings_.remembers;
  down_ = false;
  ++restarts_;
  host_.log(Severity::info, "runs again, in host process " + std::to_string(process_->pid()));
  return true;
}

}  // namespace mesolite::modules
