#include "mesolite/base/resources.hpp"

#include <gtest/gtest.h>

#include "mesolite/base/random.hpp"

namespace mesolite {
namespace {

Resources resources(std::string_view text) {
  auto parsed = Resources::parse(text);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
  return parsed.value_or(Resources());
}

TEST(Resources, text_form_survives_a_round_trip) {
  for (const char* text :
       {"", "cpus:2;mem:512;ports:[31000-32000]", "cpus:0.5;gpus:1", "disks:{a,b}",
        "cpus:1;cpus(eng/web):0.25;ports(ads):[1-2, 5-5]", "licences:3"}) {
    EXPECT_EQ(resources(text).to_text(), text);
  }
}

TEST(Resources, ten_tenths_of_a_cpu_are_one_cpu) {
  Resources sum;
  for (int i = 0; i < 10; ++i) sum += resources("cpus:0.1");
  EXPECT_EQ(sum, resources("cpus:1"));
  for (int i = 0; i < 10; ++i) sum -= resources("cpus:0.1");
  EXPECT_TRUE(sum.empty());
}

TEST(Resources, fourth_decimal_is_rounded) {
  EXPECT_EQ(resources("cpus:0.0004"), Resources());
  EXPECT_EQ(resources("cpus:0.0006"), resources("cpus:0.001"));
}

TEST(Resources, parse_says_what_is_wrong_and_where) {
  const auto problem = [](std::string_view text) {
    const auto parsed = Resources::parse(text);
    return parsed ? std::string("no problem") : parsed.error().message;
  };
  EXPECT_EQ(problem("cpus"), "resources 'cpus': expected name:value, got 'cpus'");
  EXPECT_EQ(problem("cpus:-1"), "resources 'cpus:-1': cpus: amount -1 is negative");
  EXPECT_EQ(problem("cpus:two"), "resources 'cpus:two': cpus: expected a number, got 'two'");
  EXPECT_EQ(problem("cpus:nan"), "resources 'cpus:nan': cpus: expected a number, got 'nan'");
  EXPECT_EQ(problem("gpus:0.5"), "resources 'gpus:0.5': gpus must be whole");
  EXPECT_EQ(problem("mem:[1-2]"), "resources 'mem:[1-2]': mem has a value of the wrong kind");
  EXPECT_EQ(problem("a:1;a:{x}"), "resources 'a:1;a:{x}': a has a value of the wrong kind");
  EXPECT_EQ(problem("cpus(../x):1"),
            "resources 'cpus(../x):1': role '../x': has the name '..' in its path");
  EXPECT_EQ(problem(":1"), "resources ':1': a resource has no name in ''");
  EXPECT_EQ(problem("mem:1e300"), "resources 'mem:1e300': mem: number '1e300' is too large");
  EXPECT_EQ(problem("ports:[5-1]"),
            "resources 'ports:[5-1]': ports: range '5-1' ends before it begins");
}

TEST(Resources, default_role_reserves_what_names_no_role) {
  const auto parsed = Resources::parse("cpus:1;mem(*):5", "eng");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->to_text(), "mem:5;cpus(eng):1");
}

TEST(Resources, containment_needs_the_same_key) {
  const Resources have = resources("cpus:2;cpus(eng):2;ports:[10-20]");
  EXPECT_TRUE(have.contains(resources("cpus:2;ports:[12-13]")));
  EXPECT_TRUE(have.contains(resources("cpus(eng):1.5")));
  EXPECT_FALSE(have.contains(resources("cpus:3")));
  EXPECT_FALSE(have.contains(resources("cpus(ads):1")));
  EXPECT_FALSE(have.contains(resources("ports:[19-21]")));
}

TEST(Resources, descendants_are_offered_the_reservations_of_their_ancestors) {
  const Resources have = resources("cpus:1;cpus(eng):2;cpus(eng/web):4;cpus(ads):8");
  EXPECT_EQ(have.available_to("eng/web"), resources("cpus:1;cpus(eng):2;cpus(eng/web):4"));
  EXPECT_EQ(have.available_to("eng"), resources("cpus:1;cpus(eng):2"));
  EXPECT_EQ(have.available_to("engineering"), resources("cpus:1"));
  EXPECT_EQ(have.unreserved(), resources("cpus:1"));
  EXPECT_EQ(have.reserved_to("eng"), resources("cpus(eng):2"));
  EXPECT_EQ(have.scalar("cpus"), 15'000);
}

TEST(Resources, adding_and_taking_away_the_same_changes_nothing) {
  Random random(11);
  const char* pieces[] = {"cpus:1.5",    "mem:100",    "ports:[1-5]", "ports(eng):[9-9]",
                          "disk(ads):7", "tags:{a,b}", "gpus:2"};
  for (int round = 0; round < 500; ++round) {
    Resources base = resources("cpus:1;ports:[100-200];tags:{z}");
    Resources change;
    for (const char* piece : pieces) {
      if (random.chance(0.5)) change += resources(piece);
    }
    const Resources sum = base + change;
    ASSERT_TRUE(sum.contains(change) && sum.contains(base));
    ASSERT_EQ(sum - change, base);
  }
}

TEST(Resources, role_names_that_cannot_be_are_named) {
  EXPECT_EQ(invalid_role("eng/web"), "");
  EXPECT_EQ(invalid_role("*"), "");
  EXPECT_EQ(invalid_role(""), "has an empty name between slashes");
  EXPECT_EQ(invalid_role("/eng"), "has an empty name between slashes");
  EXPECT_EQ(invalid_role("eng/../ads"), "has the name '..' in its path");
  EXPECT_EQ(invalid_role("-eng"), "has a name that starts with '-'");
  EXPECT_EQ(invalid_role("a b"), "has a blank or control character");
  EXPECT_EQ(invalid_role(std::string(10'000, 'x')), "is longer than 256 bytes");
}

}  // namespace
}  // namespace mesolite
