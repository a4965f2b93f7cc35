#include "mesolite/module/parameters.hpp"

#include <gtest/gtest.h>

namespace mesolite {
namespace {

struct Inner {
  bool on = true;
  std::string name = "x";
  MESOLITE_FIELDS(on, name);
};

struct Sample {
  double decay = 0.9;
  std::int64_t offers_max = 64;
  bool fair = false;
  std::string mode = "drf";
  std::vector<std::string> roles = {"*"};
  std::vector<std::int64_t> free_list;
  std::map<std::string, double> weights;
  std::optional<double> limit;
  Inner inner;
  MESOLITE_FIELDS(decay, offers_max, fair, mode, roles, free_list, weights, limit, inner);
};

ParameterMap map_of(const auto& sample) {
  return decode<ParameterMap>(encode(sample, StructForm::map)).value();
}

std::string problem(const std::string& key, ParameterValue value) {
  return invalid_parameters({{key, std::move(value)}}, map_of(Sample{}));
}

TEST(Parameters, defaults_become_the_schema_and_print_as_toml) {
  EXPECT_EQ(to_text(map_of(Sample{})),
            "decay = 0.9, fair = false, free_list = [], inner = { name = \"x\", on = true }, "
            "limit = unset, mode = \"drf\", offers_max = 64, roles = [\"*\"], weights = {}");
  EXPECT_EQ(to_text(map_of(Inner{})), "name = \"x\", on = true");
}

TEST(Parameters, what_fits_is_taken) {
  EXPECT_EQ(invalid_parameters({}, map_of(Sample{})), "");
  EXPECT_EQ(problem("decay", {0.5}), "");
  EXPECT_EQ(problem("decay", {std::int64_t{1}}), "");
  EXPECT_EQ(problem("limit", {3.5}), "");
  EXPECT_EQ(problem("free_list", {ParameterList{{std::int64_t{1}}}}), "");
  EXPECT_EQ(problem("weights", {ParameterMap{{"eng", {2.0}}}}), "");
}

TEST(Parameters, an_unknown_key_is_named_with_the_nearest_known) {
  EXPECT_EQ(problem("offer_max", {std::int64_t{1}}),
            "unknown parameter 'offer_max'; did you mean 'offers_max'?");
  EXPECT_EQ(problem("colour", {true}),
            "unknown parameter 'colour'; it has decay, fair, free_list, inner, limit, mode, "
            "offers_max, roles, weights");
  EXPECT_EQ(problem("inner", {ParameterMap{{"nam", {true}}}}),
            "unknown parameter 'inner.nam'; did you mean 'inner.name'?");
  EXPECT_EQ(invalid_parameters({{"any", {true}}}, {}), "unknown parameter 'any'; it has none");
}

TEST(Parameters, a_wrong_type_is_named_with_value_and_what_was_expected) {
  EXPECT_EQ(problem("offers_max", {2.5}),
            "parameter 'offers_max' is a number (2.5) and should be a whole number");
  EXPECT_EQ(problem("fair", {std::string("yes")}),
            "parameter 'fair' is text (\"yes\") and should be true or false");
  EXPECT_EQ(problem("roles", {ParameterList{{std::int64_t{1}}}}),
            "parameter 'roles[]' is a whole number (1) and should be text");
  EXPECT_EQ(problem("inner", {ParameterList{}}),
            "parameter 'inner' is a list ([]) and should be a table");
}

}  // namespace
}  // namespace mesolite
