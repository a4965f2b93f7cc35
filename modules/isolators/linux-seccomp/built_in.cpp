#include <sched.h>

#include <cerrno>

#include "mesolite/base/text.hpp"
#include "profile.hpp"

namespace mesolite::linux_seccomp {
namespace {

// After the default profile of Docker (moby/profiles/seccomp).
constexpr std::string_view allowed =
    "accept accept4 access alarm arch_prctl bind brk cachestat capget capset chdir chmod chown "
    "clock_getres clock_gettime clock_nanosleep close close_range connect copy_file_range creat "
    "dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait "
    "eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate "
    "fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock "
    "fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait "
    "futex_waitv futex_wake futimesat get_robust_list get_thread_area getcpu getcwd getdents "
    "getdents64 getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid "
    "getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname "
    "getsockopt gettid gettimeofday getuid getxattr inotify_add_watch inotify_init inotify_init1 "
    "inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioctl "
    "ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self "
    "lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat "
    "madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod "
    "mknodat mlock mlock2 mlockall mmap modify_ldt mprotect mq_getsetattr mq_notify mq_open "
    "mq_timedreceive mq_timedsend mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock "
    "munlockall munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause "
    "pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll prctl "
    "pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read "
    "readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr "
    "rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo "
    "sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr "
    "sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr "
    "sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop "
    "sendfile sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid "
    "setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid "
    "setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt shmget shutdown "
    "sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink symlinkat sync "
    "sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun "
    "timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill "
    "truncate umask uname unlink unlinkat utime utimensat utimes vfork vmsplice wait4 waitid "
    "write writev";

// What a program may well try and be told no.
constexpr std::string_view forbidden =
    "acct add_key adjtimex bpf chroot clock_adjtime clock_settime create_module delete_module "
    "fanotify_init finit_module fsconfig fsmount fsopen fspick get_kernel_syms get_mempolicy "
    "init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load "
    "kexec_load keyctl lookup_dcookie mbind mount mount_setattr move_mount move_pages nfsservctl "
    "open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_madvise "
    "process_vm_readv process_vm_writev ptrace query_module quotactl quotactl_fd reboot "
    "request_key set_mempolicy setdomainname sethostname setns settimeofday swapoff swapon sysfs "
    "syslog umount2 unshare uselib userfaultfd ustat vhangup";

constexpr std::uint64_t new_namespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                         CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
constexpr std::uint64_t af_vsock = 40;

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view name : split(text, ' ')) names.emplace_back(name);
  return names;
}

}  // namespace

Profile built_in_profile() {
  const Action allow{Action::Kind::allow, 0};
  Profile profile;
  // clone3 among them: its flags lie behind a pointer where no filter can look. The C library falls
  // back to clone.
  profile.otherwise = {Action::Kind::fail, ENOSYS};
  profile.rules = {
      {names_in(allowed), allow, {}},
      {names_in(forbidden), {Action::Kind::fail, EPERM}, {}},
      {{"clone"}, allow, {{0, Comparison::masked, new_namespaces, 0}}},
      // Past the namespaces that the container has.
      {{"socket"}, allow, {{0, Comparison::unequal, af_vsock, 0}}},
  };
  for (const std::uint64_t persona : {0x0ull, 0x8ull, 0x20000ull, 0x20008ull, 0xffffffffull}) {
    profile.rules.push_back({{"personality"}, allow, {{0, Comparison::equal, persona, 0}}});
  }
  return profile;
}

}  // namespace mesolite::linux_seccomp
