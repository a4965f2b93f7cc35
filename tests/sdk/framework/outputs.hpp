// Looking through what a session has put out.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "mesolite/protocol/messages.hpp"
#include "sdk/src/framework/session_outputs.hpp"

namespace mesolite {

// What was taken from a session of which the callbacks are of type Callback.
template <class Output, class Callback>
class Outputs {
 public:
  explicit Outputs(std::vector<Output> outputs) : outputs_(std::move(outputs)) {}

  std::size_t size() const { return outputs_.size(); }

  // All messages of one kind that were sent.
  template <class Kind>
  std::vector<Kind> sent() const {
    std::vector<Kind> found;
    for (const Output& output : outputs_) {
      const auto* send = std::get_if<Send>(&output);
      const auto* message = send == nullptr ? nullptr : std::get_if<Kind>(&send->message);
      if (message != nullptr) found.push_back(*message);
    }
    return found;
  }

  // All callbacks of one kind.
  template <class Kind>
  std::vector<Kind> called() const {
    std::vector<Kind> found;
    for (const Output& output : outputs_) {
      const auto* callback = std::get_if<Callback>(&output);
      const auto* event = callback == nullptr ? nullptr : std::get_if<Kind>(callback);
      if (event != nullptr) found.push_back(*event);
    }
    return found;
  }

  // The only output of another kind, which must be there.
  template <class Kind>
  Kind only() const {
    std::vector<Kind> found;
    for (const Output& output : outputs_) {
      if (const auto* value = std::get_if<Kind>(&output)) found.push_back(*value);
    }
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? Kind{} : found.front();
  }

  template <class Kind>
  bool has() const {
    for (const Output& output : outputs_) {
      if (std::holds_alternative<Kind>(output)) return true;
    }
    return false;
  }

 private:
  std::vector<Output> outputs_;
};

}  // namespace mesolite
