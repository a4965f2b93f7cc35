// Defends how the text of one flag becomes a value, and what is said when it cannot.
#include "kernel/config/option.hpp"

#include <gtest/gtest.h>

#include "kernel/config/options.hpp"

namespace mesolite::config {
namespace {

OptionSpec spec_of(OptionKind kind, std::string_view accepts = {}) {
  return {kind, "flag", "", accepts, "", "Group", "Help."};
}

struct Row {
  OptionKind kind;
  std::string_view accepts;
  std::string_view text;
  std::string_view expected;  // the value as text, or "!" and the error
};

class OptionValues : public testing::TestWithParam<Row> {};

TEST_P(OptionValues, are_read_as_the_table_says) {
  const Row& row = GetParam();
  const Result<OptionValue> value = parse_option(spec_of(row.kind, row.accepts), row.text);
  EXPECT_EQ(value ? to_text(*value) : "!" + value.error().message, row.expected) << row.text;
}

using enum OptionKind;

INSTANTIATE_TEST_SUITE_P(
    Accepted, OptionValues,
    testing::Values(
        Row{text, "", "a text", "a text"}, Row{text, "", "", ""},
        Row{text, "INFO|ERROR", "error", "ERROR"}, Row{text, "address", "10.0.0.1", "10.0.0.1"},
        Row{text, "address", "", ""}, Row{text, "", "zk://u:p@h1,h2/x", "zk://***@h1,h2/x"},
        Row{path, "", "/var/lib", "/var/lib"}, Row{path, "", "file:///var/lib", "/var/lib"},
        Row{integer, "", "-5", "-5"}, Row{integer, "0..65535", "0", "0"},
        Row{integer, "0..65535", "65535", "65535"}, Row{integer, "1..", "1", "1"},
        Row{number, "", "0.25", "0.25"}, Row{boolean, "", "true", "true"},
        Row{boolean, "", "1", "true"}, Row{boolean, "", "", "true"}, Row{boolean, "", "0", "false"},
        Row{boolean, "", "false", "false"}, Row{duration, "", "60secs", "1mins"},
        Row{duration, "", "15", "15secs"}, Row{duration, "10ms..15mins", "10ms", "10ms"},
        Row{bytes, "", "64MB", "64MB"}, Row{bytes, "", "1024KB", "1MB"},
        Row{bytes, "", "1.5kb", "1536B"}, Row{bytes, "", "0", "0B"}, Row{bytes, "", "100", "100B"},
        Row{list, "", " a , b,,c", "a,b,c"}, Row{list, "", "", ""}));

INSTANTIATE_TEST_SUITE_P(
    Refused, OptionValues,
    testing::Values(
        Row{integer, "0..65535", "65536", "!expected an integer from 0 to 65535, got '65536'"},
        Row{integer, "0..65535", "-1", "!expected an integer from 0 to 65535, got '-1'"},
        Row{integer, "1..", "0", "!expected an integer, at least 1, got '0'"},
        Row{integer, "", "5x", "!expected an integer, got '5x'"},
        Row{integer, "", "", "!expected an integer, got ''"},
        Row{integer, "", "99999999999999999999",
            "!expected an integer, got '99999999999999999999'"},
        Row{number, "", "nan", "!expected a number, got 'nan'"},
        Row{number, "", "1e999", "!expected a number, got '1e999'"},
        Row{boolean, "", "yes", "!expected true or false, got 'yes'"},
        Row{duration, "", "soon",
            "!expected a duration such as 500ms, 15secs or 2mins, got 'soon'"},
        Row{duration, "10ms..1mins", "1hrs",
            "!expected a duration such as 500ms, 15secs or 2mins from 10ms to 1mins, got '1hrs'"},
        Row{bytes, "", "64 MBit", "!expected a size such as 512KB or 64MB, got '64 MBit'"},
        Row{bytes, "", "-1MB", "!expected a size such as 512KB or 64MB, got '-1MB'"},
        Row{bytes, "", "99999999TB", "!expected a size such as 512KB or 64MB, got '99999999TB'"},
        Row{text, "INFO|ERROR", "chatty", "!expected one of INFO, ERROR, got 'chatty'"},
        Row{text, "address", "localhost",
            "!expected an IPv4 address such as 127.0.0.1, got 'localhost'"},
        Row{text, "required", "", "!expected a text that is not empty, got ''"},
        Row{integer, "", "zk://u:secret@h/", "!expected an integer, got 'zk://***@h/'"}));

TEST(OptionTables, every_default_is_acceptable_and_every_name_is_unique) {
  for (const OptionTable& table : {master_table(), agent_table()}) {
    std::vector<std::string_view> names;
    for (const OptionSpec& spec : table.options) {
      if (spec.accepts != "required") {
        EXPECT_TRUE(parse_option(spec, spec.default_text)) << spec.name;
      }
      EXPECT_FALSE(spec.help.empty()) << spec.name;
      EXPECT_TRUE(spec.help.ends_with('.')) << spec.name;
      EXPECT_EQ(std::count(names.begin(), names.end(), spec.name), 0) << spec.name;
      names.push_back(spec.name);
    }
  }
}

TEST(Options, defaults_are_those_of_the_table) {
  const MasterOptions master = default_master_options();
  EXPECT_EQ(master.port, 5050);
  EXPECT_EQ(master.ip, "127.0.0.1");
  EXPECT_EQ(master.agent_ping_timeout, 15s);
  EXPECT_EQ(master.http_body_max, std::uint64_t{1} << 20);
  EXPECT_FALSE(master.quiet);
  const AgentOptions agent = default_agent_options();
  EXPECT_EQ(agent.port, 5051);
  EXPECT_EQ(agent.isolation, (std::vector<std::string>{"posix/cpu", "posix/mem"}));
  EXPECT_EQ(agent.gc_delay, 7 * 24h);
}

TEST(Masked, only_the_credentials_of_a_url_are_hidden) {
  EXPECT_EQ(masked("zk://me:secret@h1:1,h2:2/mesos"), "zk://***@h1:1,h2:2/mesos");
  EXPECT_EQ(masked("zk://h1:1/me@home"), "zk://h1:1/me@home");
  EXPECT_EQ(masked("me@home"), "me@home");
  EXPECT_EQ(masked("http://a:p@ss@host"), "http://***@host");
}

}  // namespace
}  // namespace mesolite::config
