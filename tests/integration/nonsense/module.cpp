// An allocator that gives everything away twice, to whoever is there: what it says is refused,
// named and counted by the master, whose own books decide.
#include <vector>

#include "mesolite/module/allocator.hpp"
#include "mesolite/module/module.hpp"

namespace mesolite {
namespace {

class Nonsense final : public Allocator {
 public:
  Nonsense(const Nothing&, Host&) {}

  Result<AllocateResponse> allocate(const AllocateRequest& request) override {
    for (const AgentState& agent : request.changes.agents) agents_.push_back(agent);
    for (const FrameworkState& framework : request.changes.frameworks) {
      if (framework.active && !framework.roles.empty()) framework_ = framework;
    }
    AllocateResponse response;
    if (framework_.roles.empty()) return response;
    for (const AgentState& agent : agents_) {
      const Holding all{framework_.handle, framework_.roles[0], agent.handle, agent.total};
      response.allocations.insert(response.allocations.end(), {all, all});
    }
    agents_.clear();
    return response;
  }

 private:
  std::vector<AgentState> agents_;  // not given away yet
  FrameworkState framework_;
};

}  // namespace
}  // namespace mesolite

MESOLITE_MODULE(Allocator, "nonsense", "1.0.0", "Gives everything away twice", mesolite::Nonsense,
                mesolite::Nothing)
