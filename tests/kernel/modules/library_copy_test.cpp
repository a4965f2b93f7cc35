// A library that replaces another of the same path is opened as new code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/modules/library_copy.hpp"
#include "mesolite/module/allocator.hpp"
#include "sdk/src/module/loader.hpp"
#include "tests/support/scratch.hpp"

namespace mesolite::modules {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const fs::path bad_modules = fs::path(MESOLITE_BUILD_DIR) / "tests/bad_modules";

TEST(LibraryCopy, is_named_by_its_content_and_goes_with_its_owner) {
  fs::path gone;
  {
    const auto first = LibraryCopy::make(bad_modules / "good.so");
    const auto again = LibraryCopy::make(bad_modules / "good.so");
    const auto other = LibraryCopy::make(bad_modules / "odd_status.so");
    ASSERT_TRUE(first && again && other);
    EXPECT_THAT(first->path().filename().string(), StartsWith("good-"));
    EXPECT_EQ(first->path().filename(), again->path().filename());
    EXPECT_NE(first->path().stem().string().substr(5), other->path().stem().string().substr(11));
    gone = first->path();
    EXPECT_TRUE(fs::exists(gone));
  }
  EXPECT_FALSE(fs::exists(gone.parent_path()));
}

TEST(LibraryCopy, of_what_cannot_be_read_is_refused) {
  EXPECT_THAT(LibraryCopy::make("/nowhere.so").error().message,
              HasSubstr("module '/nowhere.so' cannot be read"));
}

TEST(LibraryCopy, a_new_version_is_new_code_while_the_old_one_is_open) {
  harness::Scratch scratch;
  const fs::path file = scratch / "module.so";
  const auto open = [&] {
    const auto copy = LibraryCopy::make(file);
    auto library = ModuleLibrary::open(copy.value().path());
    EXPECT_TRUE(library) << library.error().message;
    return *library;  // the copy is removed, the library stays open
  };
  fs::copy(bad_modules / "good.so", file);
  const auto old = open();
  // As an installation does it: never over a file that is mapped.
  fs::copy(bad_modules / "calling_leave.so", scratch / "new.so");
  fs::rename(scratch / "new.so", file);
  const auto replaced = open();
  EXPECT_EQ(old->description().name, "bad");
  EXPECT_EQ(replaced->description().name, "calling");
}

}  // namespace
}  // namespace mesolite::modules
