// A host that keeps what modules, and those who run them, say to it. Safe from any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesolite/module/host.hpp"

namespace mesolite::modules {

class Witness final : public Host {
 public:
  void log(Severity severity, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(severity, text);
  }
  void notify(std::string_view data) override {
    const std::lock_guard lock(mutex_);
    notices_.emplace_back(data);
  }
  std::vector<std::string> lines(Severity severity) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const auto& [level, text] : lines_) {
      if (level == severity) found.push_back(text);
    }
    return found;
  }
  std::vector<std::string> notices() const {
    const std::lock_guard lock(mutex_);
    return notices_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Severity, std::string>> lines_;
  std::vector<std::string> notices_;
};

}  // namespace mesolite::modules
