// Every broken library is one sentence, and this program goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "mesolite/testing/conformance.hpp"
#include "sdk/src/module/loader.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
namespace fs = std::filesystem;

const fs::path bad_modules = fs::path(MESOLITE_BUILD_DIR) / "tests/bad_modules";

class BadModules : public ::testing::Test {
 protected:
  // Loads it, calls it once, and answers with what went wrong; "" if nothing did.
  std::string problem(const fs::path& file) {
    const auto module = loader_.load<Allocator>(file, {}, host_);
    if (!module) return module.error().message;
    const auto answer = (*module)->allocate({});
    return answer ? "" : answer.error().message;
  }

  void expect(const std::string& name, const std::string& words) {
    expect_file(bad_modules / (name + ".so"), words);
  }

  void expect_file(const fs::path& file, const std::string& words) {
    const std::string sentence = problem(file);
    EXPECT_THAT(sentence, HasSubstr(words));
    EXPECT_THAT(sentence, StartsWith("module '" + file.string() + "'"));
    EXPECT_THAT(sentence, Not(HasSubstr("\n")));
  }

  // What goes wrong in a call names the module, not the file.
  void expect_call(const std::string& name, const std::string& words) {
    EXPECT_EQ(problem(bad_modules / (name + ".so")), "allocator 'bad', allocate: " + words);
  }

  testing::RecordingHost host_;
  ModuleLoader loader_{PreflightSettings{installed_module_paths().preflight, 30s}};
  harness::Scratch scratch_;
};

TEST_F(BadModules, the_one_with_nothing_wrong_loads) {
  EXPECT_EQ(problem(bad_modules / "good.so"), "");
}

TEST_F(BadModules, a_manifest_of_a_later_release_that_only_grew_loads) {
  EXPECT_EQ(problem(bad_modules / "longer_manifest.so"), "");
}

TEST_F(BadModules, what_is_no_library_is_refused) {
  expect_file(scratch_ / "missing.so", "does not exist");
  fs::create_directory(scratch_ / "folder.so");
  expect_file(scratch_ / "folder.so", "is not a file");
  std::ofstream(scratch_ / "empty.so");
  expect_file(scratch_ / "empty.so", "cannot be opened: file too short");
  std::ofstream(scratch_ / "text.so") << std::string(10'000, 'x');
  expect_file(scratch_ / "text.so", "cannot be opened: invalid ELF header");
}

TEST_F(BadModules, a_truncated_library_is_refused_wherever_it_ends) {
  const std::string whole = harness::read_file(bad_modules / "good.so");
  for (const std::size_t part : {1, 3, 10, 50, 90}) {
    const fs::path file = scratch_ / ("truncated" + std::to_string(part) + ".so");
    std::ofstream(file, std::ios::binary) << whole.substr(0, whole.size() * part / 100);
    const std::string sentence = problem(file);
    // The section table at the end is not needed to run: most of a library may be missing
    // unnoticed.
    if (part >= 90 && sentence.empty()) continue;
    EXPECT_THAT(sentence, StartsWith("module '" + file.string() + "'")) << part << " %";
  }
}

TEST_F(BadModules, a_library_of_another_machine_is_refused) {
  std::string bytes = harness::read_file(bad_modules / "good.so");
  bytes[18] = 0x28;  // e_machine: ARM
  const fs::path file = scratch_ / "foreign.so";
  std::ofstream(file, std::ios::binary) << bytes;
  expect_file(file, "cannot be opened");
}

TEST_F(BadModules, what_a_manifest_has_wrong_is_named) {
  expect("no_symbol", "exports no function 'mesolite_module': it has no MESOLITE_MODULE line");
  expect("null_manifest", "it answers without a manifest (null)");
  expect("wrong_magic", "does not begin with the magic number");
  expect("older_abi", "has ABI version 0, and this program loads version 1");
  expect("newer_abi", "has ABI version 2, and this program loads version 1");
  expect("short_manifest", "says it is 40 bytes long");
  expect("no_kind", "its manifest has no kind");
  expect("no_interface", "its manifest has no interface version");
  expect("no_name", "its manifest has no name");
  expect("empty_name", "the name in its manifest is empty");
  expect("odd_name", "the name in its manifest is not one line of text");
  expect("no_summary", "its manifest has no summary");
  expect("no_parameters", "its manifest has no parameters");
  expect("garbage_parameters", "cannot read the parameters in its manifest");
  expect("no_create", "its manifest has no function 'create'");
  expect("no_destroy", "its manifest has no function 'destroy'");
}

TEST_F(BadModules, what_is_another_kind_or_interface_is_refused) {
  expect("wrong_kind", "is an isolator and not an allocator");
  expect("unknown_kind", "is a scheduler and not an allocator");
  expect("newer_interface",
         "has version 99 of the allocator interface, and this program knows up to version 2");
}

TEST_F(BadModules, an_unresolved_symbol_is_named) {
  expect("unresolved", "undefined symbol: a_function_that_nobody_has");
}

TEST_F(BadModules, what_happens_while_it_is_opened_happens_elsewhere) {
  expect("opening_throws", "thrown while opening");
  expect("opening_crashes", "crashed while it was opened (signal 11, Segmentation fault)");
  expect("opening_exits", "ended the process that opened it before it could report");
  expect("opening_prints", "it answers without a manifest (null)");
}

TEST_F(BadModules, one_that_hangs_while_it_is_opened_is_given_up) {
  loader_ = ModuleLoader(PreflightSettings{installed_module_paths().preflight, 300ms});
  expect("opening_hangs", "hangs: it was not open after 300ms");
}

TEST_F(BadModules, a_create_that_fails_is_one_sentence) {
  expect("refuses", "cannot be started: allocator 'bad': not on a Monday");
  expect("refuses_silently", "allocator 'bad': it gives no reason");
  expect("makes_nothing", "it made no instance and gives no reason");
  expect("create_throws", "an exception crossed the border: thrown by create");
}

TEST_F(BadModules, a_call_that_fails_is_one_sentence) {
  EXPECT_THAT(problem(bad_modules / "answers_garbage.so"), HasSubstr("cannot read the answer"));
  EXPECT_THAT(problem(bad_modules / "answers_nothing.so"), HasSubstr("cannot read the answer"));
  expect_call("answers_too_much", "its answer is larger than the host takes");
  expect_call("odd_status", "it answered with the unknown status 7");
  expect_call("fails_unprintably", "two lines [31m");
  EXPECT_EQ(problem(bad_modules / "call_throws.so"),
            "allocator 'throwing', allocate: an exception crossed the border: thrown by call");
}

TEST_F(BadModules, a_catalogue_of_them_says_of_each_what_it_is_or_what_is_wrong) {
  fs::create_directory(scratch_ / "modules");
  for (const char* name : {"good.so", "older_abi.so", "opening_crashes.so"}) {
    fs::copy(bad_modules / name, scratch_ / "modules" / name);
  }
  std::ofstream(scratch_ / "modules" / "readme.txt") << "no library";
  const auto entries = loader_.catalogue(scratch_ / "modules");
  ASSERT_TRUE(entries) << entries.error().message;
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_TRUE((*entries)[0].description);
  EXPECT_FALSE((*entries)[1].description);
  EXPECT_FALSE((*entries)[2].description);
  EXPECT_THAT(loader_.catalogue(scratch_ / "nowhere").error().message,
              HasSubstr("cannot list the modules' directory"));
}

TEST_F(BadModules, a_preflight_program_that_is_not_there_is_said) {
  loader_ = ModuleLoader(PreflightSettings{"/nowhere/mesolite-preflight", 1s});
  expect("good", "cannot be tried: cannot run '/nowhere/mesolite-preflight'");
}

}  // namespace
}  // namespace mesolite
