// Linked into every program that the thread sanitizer watches, since agents start theirs with a
// bare environment. ZeroMQ is not instrumented: the sanitizer does not see that its queues hand
// messages from thread to thread, and takes what both have touched for a race.
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_suppressions() {
  return "race:libzmq.so\n";
}
