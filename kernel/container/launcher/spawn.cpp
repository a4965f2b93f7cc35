#include "kernel/container/launcher/spawn.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "kernel/container/launcher/init.hpp"
#include "mesolite/base/check.hpp"

// The child runs on a stack of its own in the launcher's memory: sanitizers must not look at it.
#define MESOLITE_IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

#ifdef __SANITIZE_THREAD__
// The wrapper of clone(2) takes the child for a fork; this other name of the function has none.
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);
#define clone __clone
#endif

namespace mesolite::container {
namespace {

constexpr std::size_t stack_bytes = 256u << 10;
constexpr int namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                           CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

// What the child reads, and where it leaves its error.
struct Birth {
  const ChildPlan& plan;
  pid_t parent = 0;
  std::optional<StepFailure> failure;
};

MESOLITE_IN_CHILD int child_main(void* argument) {
  auto& birth = *static_cast<Birth*>(argument);
  StepResult entered = enter_container(birth.plan);
  birth.failure = entered ? become_program(birth.plan, birth.parent) : std::move(entered.error());
  ::syscall(SYS_exit_group, 127);
  return 0;
}

// -1, with errno set, if there is no process; else `birth` knows whether it runs its program.
pid_t bear(Birth& birth, void* stack, int flags) {
  return ::clone(child_main, static_cast<char*>(stack) + stack_bytes,
                 flags | CLONE_VM | CLONE_VFORK | SIGCHLD, &birth);
}

void reap(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

struct Pipe {
  Descriptor reading;
  Descriptor writing;
};

Pipe make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// Init has no launcher's memory to leave its error in.
void write_failure(int pipe, const StepFailure& failure) {
  std::string text(sizeof failure.error, '\0');
  std::memcpy(text.data(), &failure.error, sizeof failure.error);
  text += failure.step;
  [[maybe_unused]] const auto written = ::write(pipe, text.data(), text.size());
}

// In the program's process; comes back only when something failed. Nothing of the container's may
// run while its process 1 still has the launcher's memory, descriptors and privileges: it closes
// the other end of `ready` when they are gone.
StepFailure follow_init(const ChildPlan& plan, int ready) {
  constexpr pid_t init = 1;
  char nothing = 0;
  while (::read(ready, &nothing, 1) < 0 && errno == EINTR) {
  }
  return become_program(plan, init);
}

// None: the pipe was closed without a word, as by a process that executes.
std::optional<StepFailure> read_failure(int pipe) {
  std::string text;
  std::array<char, 512> piece{};
  while (true) {
    const ssize_t count = ::read(pipe, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  StepFailure failure;
  if (text.size() < sizeof failure.error) return std::nullopt;
  std::memcpy(&failure.error, text.data(), sizeof failure.error);
  failure.step = text.substr(sizeof failure.error);
  return failure;
}

}  // namespace

Spawner::Spawner(Surroundings surroundings)
    : surroundings_(std::move(surroundings)),
      stack_(::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
  MESOLITE_CHECK(stack_ != MAP_FAILED, "memory for a stack can be had");
}

Spawner::~Spawner() {
  ::munmap(stack_, stack_bytes);
}

tl::expected<Spawned, StepFailure> Spawner::spawn(const ContainerId& container,
                                                  const LaunchSpec& spec, const Streams& streams) {
  const ChildPlan plan(spec, container.value, streams, surroundings_);
  return (spec.clone_flags & CLONE_NEWPID) != 0 ? spawn_init(plan) : spawn_program(plan);
}

tl::expected<Spawned, StepFailure> Spawner::spawn_program(const ChildPlan& plan) {
  Birth birth{plan, ::getpid(), {}};
  const int flags = static_cast<int>(plan.spec.clone_flags) & namespaces;
  const pid_t pid = bear(birth, stack_, flags);
  if (pid < 0) return step_failure("cannot create a process", errno);
  if (!birth.failure) return Spawned{pid, Descriptor()};
  reap(pid);
  return tl::unexpected(std::move(*birth.failure));
}

tl::expected<Spawned, StepFailure> Spawner::spawn_init(const ChildPlan& plan) {
  if (!init_image_) {
    auto image = make_init_image();
    if (!image) return step_failure(image.error().message, ENOEXEC);
    init_image_ = std::move(*image);
  }
  Pipe report = make_pipe();
  Pipe status = make_pipe();
  if (!report.writing || !status.writing) return step_failure("cannot make a pipe", errno);
  const long flags = (static_cast<int>(plan.spec.clone_flags) & namespaces) | SIGCHLD;
  const auto pid = static_cast<pid_t>(::syscall(SYS_clone, flags, 0, 0, 0, 0));
  if (pid < 0) return step_failure("cannot create a process", errno);
  if (pid == 0) {
    const auto failure = start_behind_init(plan, status.writing.get(), report.writing.get());
    write_failure(report.writing.get(), failure);
    ::_exit(127);
  }
  report.writing = Descriptor();
  status.writing = Descriptor();
  if (auto failure = read_failure(report.reading.get())) {
    reap(pid);
    return tl::unexpected(std::move(*failure));
  }
  return Spawned{pid, std::move(status.reading)};
}

// In the process that is to be init; comes back only when something failed.
StepFailure Spawner::start_behind_init(const ChildPlan& plan, int status_pipe, int report) {
  // None shall be lost from now until init waits for them; the program begins without.
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  if (::setsid() < 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return {"cannot be init", errno};
  if (auto entered = enter_container(plan); !entered) return std::move(entered.error());
  for (int number = 0; number < 3; ++number) {
    if (::dup2(surroundings_.null, number) < 0) return {"cannot be init", errno};
  }
  Pipe ready = make_pipe();
  if (!ready.writing) return {"cannot make a pipe", errno};
  const auto program = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (program < 0) return {"cannot create a process", errno};
  if (program == 0) {
    ready.writing = Descriptor();
    write_failure(report, follow_init(plan, ready.reading.get()));
    ::_exit(127);
  }
  if (::chdir("/") != 0) return {"cannot be init", errno};
  become_init(init_image_.get(), program, status_pipe, ready.writing.get());
  return {"cannot execute init", errno};
}

}  // namespace mesolite::container
