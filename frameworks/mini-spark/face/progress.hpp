// ProgressBar: one line on the terminal, rewritten: the stages that run, how far each is.
//
//   stage 4 (reduce_by_key) [=========>          ] 47/100 +2
#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "frameworks/mini-spark/tracker/observer.hpp"

namespace mesolite::spark {

class ProgressBar final : public Observer {
 public:
  explicit ProgressBar(std::FILE* out) : out_(out) {}
  ~ProgressBar() override { clear(); }

  void observe(const AppEvent& event) override;

  // What stands there now; for tests.
  std::string line() const;

 private:
  struct Stage {
    std::string name;
    std::uint32_t tasks = 0;
    std::uint32_t done = 0;
    std::uint32_t running = 0;
    bool runs = false;
  };
  void take(const AppEvent& event);
  void clear();

  std::FILE* const out_;
  std::map<std::uint64_t, Stage> stages_;
  Time started_{};  // of the first stage that runs
  Time shown_{};
  std::size_t width_ = 0;  // of what is shown
};

}  // namespace mesolite::spark
