// UserIsolator: as whom a container runs. See the README.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

namespace mesolite::user {

struct Parameters {
  std::string user = "nobody";  // of containers that would run as root
  std::vector<std::string> root_allowed =
      {};                    // frameworks, by id, whose containers may run as root
  bool keep_groups = false;  // the supplementary groups that the user has
  MESOLITE_FIELDS(user, root_allowed, keep_groups);
};

class UserIsolator final : public Isolator {
 public:
  // Fails if there is no such user, or if it is root.
  static Result<std::unique_ptr<UserIsolator>> create(const Parameters& parameters, Host&);

  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;

 private:
  explicit UserIsolator(Parameters parameters) : parameters_(std::move(parameters)) {}

  Parameters parameters_;
};

}  // namespace mesolite::user
