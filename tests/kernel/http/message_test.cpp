// Defends the reading of request targets, the first thing a stranger controls.
#include "kernel/http/message.hpp"

#include <gtest/gtest.h>

namespace mesolite::http {
namespace {

std::string path_of(std::string_view target) {
  Request request;
  const Status valid = parse_target(target, request);
  return valid ? request.path : "!" + valid.error().message;
}

TEST(Target, path_is_decoded_and_loses_its_trailing_slashes) {
  EXPECT_EQ(path_of("/"), "/");
  EXPECT_EQ(path_of("/state/"), "/state");
  EXPECT_EQ(path_of("/a%20b"), "/a b");
  EXPECT_EQ(path_of("/a+b"), "/a+b");
  EXPECT_EQ(path_of("/slave%281%29/state"), "/slave(1)/state");
  EXPECT_EQ(path_of("http://host:5050/state?x"), "/state");
  EXPECT_EQ(path_of("http://host"), "/");
}

TEST(Target, what_is_no_path_is_refused) {
  EXPECT_EQ(path_of("*"), "!the target is not a path");
  EXPECT_EQ(path_of(""), "!the target is not a path");
  EXPECT_EQ(path_of("/%"), "!the path is not well encoded");
  EXPECT_EQ(path_of("/%4"), "!the path is not well encoded");
  EXPECT_EQ(path_of("/%g0"), "!the path is not well encoded");
  EXPECT_EQ(path_of("/%00"), "!the path is not well encoded");
  EXPECT_EQ(path_of("/%0d%0aSet-Cookie:x"), "!the path is not well encoded");
  EXPECT_EQ(path_of("/a?b=%"), "!the query is not well encoded");
}

TEST(Target, query_is_decoded_and_the_last_of_equal_names_counts) {
  Request request;
  ASSERT_TRUE(parse_target("/t?a=1&b=x%26y+z&c&a=2&=e&", request));
  EXPECT_EQ(request.parameter("a"), "2");
  EXPECT_EQ(request.parameter("b"), "x&y z");
  EXPECT_EQ(request.parameter("c", "fallback"), "");
  EXPECT_EQ(request.parameter("d", "fallback"), "fallback");
}

}  // namespace
}  // namespace mesolite::http
