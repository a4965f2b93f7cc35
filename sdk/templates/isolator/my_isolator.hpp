// Gives every container an environment variable.
#pragma once

#include <string>

#include "mesolite/module/host.hpp"
#include "mesolite/module/isolator.hpp"

// The defaults are what an operator may set in [modules.my-isolator].
struct MyParameters {
  std::string variable = "GREETING";
  std::string value = "hello";
  MESOLITE_FIELDS(variable, value);
};

class MyIsolator final : public mesolite::Isolator {
 public:
  MyIsolator(const MyParameters& parameters, mesolite::Host&) : parameters_(parameters) {}

  mesolite::Result<mesolite::Contribution> prepare(const mesolite::ContainerContext&) override;

 private:
  MyParameters parameters_;
};
