// Containers behind isolators: the ones that a test names, as the agent would chain them.
#pragma once

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mesolite/module/host.hpp"
#include "tests/kernel/container/containers.hpp"

namespace mesolite::container {

// Speaks to nobody.
class SilentHost final : public Host {
 public:
  void log(Severity, std::string_view) override {}
  void notify(std::string_view) override {}
};

// Contributes what a test tells it to.
class Contributing final : public Isolator {
 public:
  explicit Contributing(Contribution contribution) : contribution_(std::move(contribution)) {}
  Result<Contribution> prepare(const ContainerContext&) override { return contribution_; }

 private:
  Contribution contribution_;
};

class Isolated : public Containers {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  void TearDown() override { containerizer_.reset(); }

  template <class Kind, class Parameters>
  void add(const std::string& name, const Parameters& parameters) {
    isolators_.emplace_back(name, std::make_unique<Kind>(parameters, host_));
  }
  void add(Contribution contribution) {
    isolators_.emplace_back("test", std::make_unique<Contributing>(std::move(contribution)));
  }
  void start() {
    std::vector<NamedIsolator> chain;
    for (const auto& [name, isolator] : isolators_) chain.push_back({name, isolator.get()});
    create(std::move(chain));
  }

  // What a line prints in a container, without the end of the last line; with its exit status when
  // that is not 0.
  std::string ask(const std::string& id, const std::string& line) {
    const int status = run(id, "{ " + line + "; } 2>&1");
    std::string said = output(id);
    if (said.ends_with('\n')) said.pop_back();
    return status == 0 ? said : said + " [status " + std::to_string(status) + "]";
  }

  // Why a container could not be launched.
  std::string refusal(LaunchRequest asked) {
    const std::string id = asked.context.id.value;
    containerizer_->launch(std::move(asked));
    const auto launched = next<Launched>(id);
    if (!launched || launched->pid) return "";
    return launched->pid.error().message;
  }

  SilentHost host_;
  std::vector<std::pair<std::string, std::unique_ptr<Isolator>>> isolators_;
};

}  // namespace mesolite::container
