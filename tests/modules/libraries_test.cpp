// The modules of the tree as libraries, through the same door as strangers'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

#include "mesolite/testing/conformance.hpp"
#include "sdk/src/module/loader.hpp"

namespace mesolite {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ModuleLibraries : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) { return paths_.modules / (name + ".so"); }

  ModulePaths paths_ = installed_module_paths();
  ModuleLoader loader_{PreflightSettings{paths_.preflight}};
  testing::RecordingHost host_;
};

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string output;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    output.push_back(static_cast<char>(c));
  }
  return output;
}

TEST_F(ModuleLibraries, the_build_tree_has_the_shape_of_an_installation) {
  ASSERT_FALSE(paths_.preflight.empty());
  ASSERT_FALSE(paths_.modules.empty());
}

TEST_F(ModuleLibraries, each_exports_one_symbol_and_is_well_described) {
  const auto entries = loader_.catalogue(paths_.modules);
  ASSERT_TRUE(entries) << entries.error().message;
  EXPECT_GE(entries->size(), 9u);
  for (const CatalogueEntry& entry : *entries) {
    ASSERT_TRUE(entry.description) << entry.description.error().message;
    EXPECT_THAT(output_of("nm -D --defined-only --format=posix " + entry.file.string()),
                ::testing::MatchesRegex("mesolite_module T [0-9a-f ]+\n"))
        << entry.file;
    EXPECT_TRUE(entry.description->summary.ends_with(".")) << entry.file;
  }
}

TEST_F(ModuleLibraries, are_found_by_kind_and_name) {
  const auto found = loader_.find(paths_.modules, "isolator", "posix/cpu");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(*found, file("posix-cpu"));
  const auto missing = loader_.find(paths_.modules, "isolator", "posix/cup");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("did you mean 'posix/cpu'?"));
  const auto other_kind = loader_.find(paths_.modules, "allocator", "none");
  ASSERT_FALSE(other_kind);
  EXPECT_THAT(other_kind.error().message, HasSubstr("there is no allocator 'none'"));
}

TEST_F(ModuleLibraries, each_loaded_allocator_conforms) {
  const ModuleLoader trusting{PreflightSettings{}};
  for (const char* name : {"hierarchical", "fifo", "weighted-random", "best-fit", "capacity"}) {
    EXPECT_TRUE(loader_.load<Allocator>(file(name), {}, host_)) << name;
    const auto make = [&] { return trusting.load<Allocator>(file(name), {}, host_).value(); };
    EXPECT_THAT(testing::allocator_violations(make), IsEmpty()) << name;
  }
}

TEST_F(ModuleLibraries, parameters_are_checked_by_name_and_type_before_anything_is_made) {
  ParameterMap parameters;
  parameters["scan_intervall_ms"].value = std::int64_t{5};
  auto made = loader_.load<Isolator>(file("posix-cpu"), parameters, host_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("posix-cpu.so' cannot take its parameters: unknown "
                                              "parameter 'scan_intervall_ms'; did you mean "
                                              "'scan_interval_ms'?"));
  parameters.clear();
  parameters["scan_interval_ms"].value = std::string("5");
  made = loader_.load<Isolator>(file("posix-cpu"), parameters, host_);
  ASSERT_FALSE(made);
  EXPECT_THAT(
      made.error().message,
      HasSubstr("parameter 'scan_interval_ms' is text (\"5\") and should be a whole number"));
  parameters["scan_interval_ms"].value = std::int64_t{5};
  EXPECT_TRUE(loader_.load<Isolator>(file("posix-cpu"), parameters, host_));
}

TEST_F(ModuleLibraries, a_create_that_refuses_is_one_sentence_with_file_and_reason) {
  ParameterMap parameters;
  parameters["credentials"].value = std::string("/nowhere");
  const auto made = loader_.load<Authenticator>(file("shared-secret"), parameters, host_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message,
              HasSubstr("shared-secret.so' cannot be started: authenticator 'shared-secret': "
                        "credentials file '/nowhere' cannot be opened"));
}

TEST_F(ModuleLibraries, another_kind_is_refused) {
  const auto made = loader_.load<Allocator>(file("posix-mem"), {}, host_);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("is an isolator and not an allocator"));
}

TEST_F(ModuleLibraries, parameters_are_listed_with_their_defaults) {
  const auto description = loader_.describe(file("posix-cpu"));
  ASSERT_TRUE(description) << description.error().message;
  EXPECT_EQ(description->name, "posix/cpu");
  EXPECT_EQ(to_text(description->parameters), "proc = \"/proc\", scan_interval_ms = 200");
}

}  // namespace
}  // namespace mesolite
