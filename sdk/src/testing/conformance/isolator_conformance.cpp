#include <unistd.h>

#include <cmath>

#include "mesolite/testing/conformance.hpp"

namespace mesolite::testing {
namespace {

ContainerContext container(const char* id, std::int64_t pid) {
  ContainerContext context;
  context.id = ContainerId(id);
  context.framework_id = FrameworkId("framework");
  context.executor_id = ExecutorId("executor");
  context.requests = *Resources::parse("cpus:1;mem:64");
  context.sandbox = "/tmp";
  context.runtime_dir = "/tmp";
  context.pid = pid;
  return context;
}

class Suite {
 public:
  explicit Suite(std::unique_ptr<Isolator> isolator) : isolator_(std::move(isolator)) {}

  void strangers() {
    const ContainerContext unknown = container("unknown", 0);
    expect("cleanup of a container that it never saw succeeds", isolator_->cleanup(unknown));
    expect("cleanup may come twice", isolator_->cleanup(unknown));
    RecoverRequest request;
    request.orphans.push_back(unknown.id);
    expect("recover with an orphan that it never saw succeeds", isolator_->recover(request));
  }

  void life() {
    const ContainerContext planned = container("known", 0);
    const auto first = isolator_->prepare(planned);
    expect("prepare succeeds", first);
    expect("a container that was prepared and never started can be cleaned up",
           isolator_->cleanup(planned));
    const auto second = isolator_->prepare(planned);
    if (first && second && !(*first == *second)) {
      violations.push_back("prepare answers the same for the same container");
    }
    // This process stands for the container's first.
    const ContainerContext running = container("known", ::getpid());
    const auto check = isolator_->check(running);
    expect("check of a container that has just begun succeeds", check);
    if (check && check->limitation) {
      violations.push_back("a container that has just begun has met no limit, but: " +
                           check->limitation->message);
    }
    statistics(running);
    expect("cleanup succeeds", isolator_->cleanup(running));
    expect("cleanup may come twice", isolator_->cleanup(running));
  }

  Violations violations;

 private:
  template <class T>
  void expect(const std::string& rule, const Result<T>& result) {
    if (!result) violations.push_back(rule + ", but: " + result.error().message);
  }

  void statistics(const ContainerContext& running) {
    const auto usage = isolator_->usage(running);
    expect("usage succeeds", usage);
    if (!usage) return;
    for (const auto& [name, value] : usage->statistics) {
      if (!std::isfinite(value) || value < 0) {
        violations.push_back("statistics are finite and not negative, but " + name + " is " +
                             std::to_string(value));
      }
    }
  }

  std::unique_ptr<Isolator> isolator_;
};

}  // namespace

Violations isolator_violations(const Maker<Isolator>& make) {
  Suite suite(make());
  suite.strangers();
  suite.life();
  return suite.violations;
}

}  // namespace mesolite::testing
