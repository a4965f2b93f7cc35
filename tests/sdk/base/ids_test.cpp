#include "mesolite/base/ids.hpp"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace mesolite {
namespace {

TEST(Ids, an_id_that_can_name_a_directory_is_valid) {
  for (const std::string& text :
       {std::string("a"), std::string("A.b_c:9-"), std::string("..."), std::string(128, 'x')}) {
    EXPECT_TRUE(valid_id(text)) << text;
  }
}

TEST(Ids, an_id_that_could_leave_its_directory_is_refused) {
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a b"),
        std::string("a\0b", 3), std::string("\xC3\xA4"), std::string("a\n"),
        std::string(129, 'x')}) {
    EXPECT_FALSE(valid_id(text)) << text;
  }
}

TEST(Ids, ids_of_different_kinds_do_not_convert) {
  static_assert(!std::is_convertible_v<AgentId, TaskId>);
  static_assert(!std::is_constructible_v<AgentId, TaskId>);
  static_assert(!std::is_constructible_v<OfferId, PeerId>);
}

TEST(Ids, are_found_again_in_hash_tables) {
  std::unordered_set<TaskId> tasks = {TaskId("a"), TaskId("b")};
  EXPECT_TRUE(tasks.contains(TaskId("a")));
  EXPECT_FALSE(tasks.contains(TaskId("c")));
  std::unordered_set<OfferId> offers = {OfferId{1}, OfferId{2}};
  EXPECT_TRUE(offers.contains(OfferId{2}));
  EXPECT_TRUE(OfferId{}.empty());
}

}  // namespace
}  // namespace mesolite
