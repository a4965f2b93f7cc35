// OperatorNode: somebody who sets weights and quota, reserves and unreserves, drains agents, tears
// frameworks down, replaces the allocator, asks why there are no offers, and often for what cannot
// be.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/surroundings.hpp"

namespace mesolite::simulation {

class OperatorNode final : public Node {
 public:
  explicit OperatorNode(Surroundings& around);
  ~OperatorNode() override;

  const std::string& name() const override { return name_; }
  void connected() override;
  void disconnected() override;
  void received(Message message) override;
  void end_turn() override;

 private:
  void live();
  void act();
  void set_quota();
  void set_weight();
  void change_reservation();
  void ask_why();
  // Drained, taken out of service and back into it, given up for good.
  void change_agent();
  AgentId some_agent() const;
  std::string some_role() const;

  Surroundings& around_;
  const std::string name_ = "operator";
  bool welcome_ = false;
  std::uint64_t last_request_ = 0;
  std::vector<Message> messages_;  // of this turn
};

}  // namespace mesolite::simulation
