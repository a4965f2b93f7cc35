// Defends who wins among command line, environment, file and default, and every refusal.
#include "kernel/config/loader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel/config/options.hpp"

namespace mesolite::config {
namespace {

using Words = std::vector<std::string>;

class Loading : public testing::Test {
 protected:
  Loading() {
    std::string pattern = testing::TempDir() + "/mesolite-config-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Loading() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }

  // The setting as "value from source", or "!" and the error.
  static std::string setting(std::string_view name, const Words& arguments,
                             const Words& environment = {}) {
    const auto loaded = load_values(master_table(), arguments, environment);
    if (!loaded) return "!" + loaded.error().message;
    for (const Setting& one : loaded->settings) {
      if (one.name == name) return one.text + " from " + one.source;
    }
    return "no such setting";
  }
  static std::string refusal(const Words& arguments, const Words& environment = {}) {
    const auto loaded = load_values(master_table(), arguments, environment);
    return loaded ? "accepted" : loaded.error().message;
  }
  // The refusal of a configuration file, with the file's name cut off.
  std::string file_refusal(const std::string& text) const {
    const std::string path = write("master.toml", text);
    std::string message = refusal({"--config=" + path});
    if (const auto at = message.find(path); at != std::string::npos) {
      message.replace(at, path.size(), "FILE");
    }
    return message;
  }

  std::filesystem::path folder_;
};

TEST_F(Loading, command_line_counts_over_environment_over_file_over_default) {
  const std::string config = "--config=" + write("m.toml", "\nport = 3\n");
  EXPECT_EQ(setting("port", {"--port=1", config}, {"MESOS_port=2"}), "1 from --port");
  EXPECT_EQ(setting("port", {config}, {"MESOS_PORT=2"}), "2 from environment variable MESOS_PORT");
  EXPECT_EQ(setting("port", {config}), "3 from " + config.substr(9) + ":2: port");
  EXPECT_EQ(setting("port", {}), "5050 from default");
}

TEST_F(Loading, file_may_be_named_in_the_environment) {
  const std::string path = write("m.toml", "cluster = \"alpha\"");
  EXPECT_EQ(setting("cluster", {}, {"MESOS_config=" + path}), "alpha from " + path + ":1: cluster");
}

TEST_F(Loading, flags_are_written_with_equals_sign_or_blank_and_in_any_case) {
  EXPECT_EQ(setting("port", {"--port=7"}), "7 from --port");
  EXPECT_EQ(setting("port", {"--port", "7"}), "7 from --port");
  EXPECT_EQ(setting("port", {"--PORT=7"}), "7 from --port");
  EXPECT_EQ(setting("cluster", {"--cluster="}), " from --cluster");
  EXPECT_EQ(setting("cluster", {"--cluster=a=b"}), "a=b from --cluster");
}

TEST_F(Loading, booleans_have_all_the_forms_of_mesos) {
  EXPECT_EQ(setting("quiet", {"--quiet"}), "true from --quiet");
  EXPECT_EQ(setting("quiet", {"--quiet="}), "true from --quiet");
  EXPECT_EQ(setting("quiet", {"--no-quiet"}), "false from --no-quiet");
  EXPECT_EQ(setting("quiet", {"--quiet=0"}), "false from --quiet");
  EXPECT_EQ(setting("quiet", {"--quiet", "false"}), "false from --quiet");
  EXPECT_EQ(setting("port", {"--quiet", "--port=1"}), "1 from --port");
  EXPECT_EQ(setting("quiet", {}, {"MESOS_QUIET="}), "true from environment variable MESOS_QUIET");
  EXPECT_EQ(refusal({"--no-quiet=true"}), "--no-quiet: takes no value, got 'true'");
  EXPECT_EQ(refusal({"--no-port"}), "unknown flag '--no-port' on the command line; see --help");
}

TEST_F(Loading, unknown_flag_names_the_nearest_known_one) {
  EXPECT_EQ(refusal({"--prot=1"}),
            "unknown flag '--prot' on the command line, did you mean '--port'?; see --help");
  EXPECT_EQ(refusal({"--work-dir=/x"}),
            "unknown flag '--work-dir' on the command line, did you mean '--work_dir'?; see "
            "--help");
  EXPECT_EQ(refusal({"--zzzzzz"}), "unknown flag '--zzzzzz' on the command line; see --help");
  EXPECT_EQ(refusal({"-port=1"}),
            "unknown flag '-port=1' on the command line: flags begin with two hyphens; see "
            "--help");
}

TEST_F(Loading, bad_value_names_flag_source_value_and_expectation) {
  EXPECT_EQ(refusal({"--port=70000"}), "--port: expected an integer from 0 to 65535, got '70000'");
  EXPECT_EQ(refusal({}, {"MESOS_Port=x"}),
            "environment variable MESOS_Port: expected an integer from 0 to 65535, got 'x'");
  EXPECT_EQ(file_refusal("\n\nport = 'x'"),
            "FILE:3: port: expected an integer from 0 to 65535, got 'x'");
  EXPECT_EQ(refusal({"--port"}), "--port: no value given, expected an integer from 0 to 65535");
  EXPECT_EQ(refusal({"--port", "--quiet"}),
            "--port: no value given, expected an integer from 0 to 65535");
}

TEST_F(Loading, repeated_flag_is_refused) {
  EXPECT_EQ(refusal({"--port=1", "--port=1"}), "--port: given more than once on the command line");
  EXPECT_EQ(refusal({"--quiet", "--no-quiet"}),
            "--no-quiet: given already as --quiet on the command line");
  EXPECT_EQ(refusal({"--agent_ping_timeout=1secs", "--slave_ping_timeout=1secs"}),
            "--slave_ping_timeout: given already as --agent_ping_timeout on the command line");
}

TEST_F(Loading, old_name_works_with_a_warning) {
  const auto loaded = load_values(master_table(), {}, {"MESOS_slave_ping_timeout=20"});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->warnings,
            Words{"environment variable MESOS_slave_ping_timeout: 'slave_ping_timeout' is the old "
                  "name of 'agent_ping_timeout'"});
  EXPECT_EQ(setting("agent_ping_timeout", {"--slave_ping_timeout=20"}),
            "20secs from --slave_ping_timeout");
}

TEST_F(Loading, old_name_in_one_source_and_new_name_in_the_other_is_refused) {
  EXPECT_EQ(refusal({"--agent_ping_timeout=20"}, {"MESOS_slave_ping_timeout=20"}),
            "--agent_ping_timeout: given already as environment variable "
            "MESOS_slave_ping_timeout, which is another name of the same flag");
}

TEST_F(Loading, environment_variables_of_others_are_ignored) {
  EXPECT_EQ(setting("port", {},
                    {"MESOS_native_java_library=x", "mesos_port=1", "PORT=2", "MESOS_",
                     "MESOS_VERSION=1.11.0", "nonsense"}),
            "5050 from default");
}

TEST_F(Loading, two_spellings_of_one_variable_must_agree) {
  EXPECT_EQ(setting("port", {}, {"MESOS_port=1", "MESOS_PORT=1"}),
            "1 from environment variable MESOS_port");
  EXPECT_EQ(refusal({}, {"MESOS_port=1", "MESOS_PORT=2"}),
            "environment variable MESOS_PORT: given already as environment variable MESOS_port");
}

TEST_F(Loading, words_that_are_no_flags_are_skipped_with_a_warning) {
  const auto loaded = load_values(master_table(), {"extra", "--port=1", "--", "--bogus"}, {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->warnings, Words{"skipped 'extra' on the command line: it is no flag"});
}

TEST_F(Loading, file_scheme_takes_the_value_from_the_file) {
  const std::string path = write("cluster", "from a file\n");
  EXPECT_EQ(setting("cluster", {"--cluster=file://" + path}), "from a file from --cluster");
  EXPECT_EQ(setting("work_dir", {"--work_dir=file:///x"}), "/x from --work_dir");
  EXPECT_EQ(refusal({"--cluster=file:///nowhere/at/all"}),
            "--cluster: cannot open '/nowhere/at/all': No such file or directory");
  EXPECT_EQ(refusal({"--cluster=file:///tmp"}), "--cluster: cannot read '/tmp': Is a directory");
}

TEST_F(Loading, file_takes_natural_types_and_texts) {
  const std::string config = "--config=" + write("m.toml", R"(
port = 0
quiet = true
agent_ping_timeout = 1.5
offer_timeout = "60secs"
http_body_max = "2MB"
weights = ["web=2", "batch=1"]
)");
  const auto value = [&](std::string_view name) {
    const std::string text = setting(name, {config});
    return text.substr(0, text.find(" from"));
  };
  EXPECT_EQ(value("port"), "0");
  EXPECT_EQ(value("quiet"), "true");
  EXPECT_EQ(value("agent_ping_timeout"), "1500ms");
  EXPECT_EQ(value("offer_timeout"), "1mins");
  EXPECT_EQ(value("http_body_max"), "2MB");
  EXPECT_EQ(value("weights"), "web=2,batch=1");
}

TEST_F(Loading, mistake_in_the_file_names_its_line) {
  EXPECT_EQ(file_refusal("ip = '127.0.0.1'\nprot = 1"),
            "FILE:2: unknown option 'prot', did you mean 'port'?");
  EXPECT_EQ(file_refusal("[module.x]\n"), "FILE:1: unknown table [module]");
  EXPECT_EQ(file_refusal("cluster = 5"), "FILE:1: cluster: expected a text, got an integer");
  EXPECT_EQ(file_refusal("port = [1]"),
            "FILE:1: port: expected an integer from 0 to 65535, got a list");
  EXPECT_EQ(file_refusal("weights = ['a', 1]"),
            "FILE:1: weights: expected texts in the list, got an integer");
  EXPECT_EQ(file_refusal("config = 'x'"),
            "FILE:1: config: a configuration file cannot name another one");
  EXPECT_TRUE(file_refusal("agent_ping_timeout = 1\nslave_ping_timeout = 1")
                  .starts_with("FILE:2: slave_ping_timeout: given already as "));
  EXPECT_TRUE(file_refusal("\nport = \n").starts_with("--config: FILE:2: "));
  EXPECT_EQ(refusal({"--config=/nowhere.toml"}),
            "--config: configuration file: cannot open '/nowhere.toml': No such file or directory");
}

TEST_F(Loading, module_tables_are_kept_with_their_places) {
  const std::string path = write("m.toml", R"(
[modules.hierarchical]
path = "/opt/h.so"
isolation = "process"
call_timeout = "3secs"
decay = 0.5
nested = { list = [1, 2] }

[modules."posix/cpu"]
)");
  const auto loaded = load_values(master_table(), {"--config", path}, {});
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(loaded->modules.size(), 2U);
  const ModuleTable& module = loaded->modules[0];
  EXPECT_EQ(module.name, "hierarchical");
  EXPECT_EQ(module.path, "/opt/h.so");
  EXPECT_TRUE(module.out_of_process);
  EXPECT_EQ(module.call_timeout, 3s);
  EXPECT_EQ(module.file, path);
  EXPECT_EQ(module.line, 2U);
  const ConfigValue* decay = module.parameters.find("decay");
  ASSERT_NE(decay, nullptr);
  EXPECT_EQ(decay->value, ConfigValue{0.5}.value);
  EXPECT_EQ(decay->line, 6U);
  EXPECT_EQ(module.parameters.find("path"), nullptr);
  const ConfigValue* list = module.parameters.find("nested")->find("list");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->get_if<ConfigValue::List>()->size(), 2U);
  EXPECT_EQ(loaded->modules[1].name, "posix/cpu");
  EXPECT_FALSE(loaded->modules[1].out_of_process);
}

TEST_F(Loading, mistakes_in_module_tables_name_module_and_line) {
  EXPECT_EQ(file_refusal("[modules]\nfifo = 1"),
            "FILE:2: module 'fifo': expected a table, got an integer");
  EXPECT_EQ(file_refusal("modules = 1"), "FILE:1: modules: expected a table, got an integer");
  EXPECT_EQ(file_refusal("[modules.fifo]\nisolation = 'vm'"),
            "FILE:2: module 'fifo': isolation: expected one of process, none, got 'vm'");
  EXPECT_EQ(file_refusal("[modules.fifo]\npath = 1"),
            "FILE:2: module 'fifo': path: expected a text, got an integer");
  EXPECT_EQ(file_refusal("[modules.fifo]\ncall_timeout = '0secs'"),
            "FILE:2: module 'fifo': call_timeout: has to be more than 0");
  EXPECT_TRUE(file_refusal("[modules.fifo]\ncall_timeout = 'soon'")
                  .starts_with("FILE:2: module 'fifo': call_timeout: "));
}

TEST_F(Loading, required_flag_is_asked_for) {
  const auto loaded = load_values(agent_table(), {}, {});
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message,
            "--master is missing (or MESOS_master, or in the file of --config): Where the master "
            "is: host:port of its HTTP side, for example 127.0.0.1:5050, or "
            "zk://host:port,host:port/path of the ensemble in which masters elect their leader. "
            "file://PATH names a file that says it.");
}

TEST_F(Loading, help_and_version_need_nothing_else) {
  EXPECT_EQ(load_values(agent_table(), {"--help"}, {})->action, Action::help);
  EXPECT_EQ(load_values(agent_table(), {"--version"}, {"MESOS_port=x"})->action, Action::version);
}

TEST(Load, typed_options_come_out_of_main_arguments) {
  const char* arguments[] = {"mesos-agent", "--master=127.0.0.1:5050", "--isolation", "posix/cpu"};
  const char* environment[] = {"MESOS_WORK_DIR=/w", "MESOS_gc_delay=2days", nullptr};
  const auto loaded = load_agent(4, arguments, environment);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->options.master, "127.0.0.1:5050");
  EXPECT_EQ(loaded->options.isolation, Words{"posix/cpu"});
  EXPECT_EQ(loaded->options.work_dir, "/w");
  EXPECT_EQ(loaded->options.gc_delay, 48h);
}

TEST(Help, lists_every_option_with_its_variable_and_default) {
  for (const OptionTable& table : {master_table(), agent_table()}) {
    const std::string help = help_text(table);
    for (const OptionSpec& spec : table.options) {
      EXPECT_NE(help.find("MESOS_" + std::string(spec.name) + "\n"), std::string::npos)
          << spec.name;
    }
    EXPECT_NE(help.find("--help"), std::string::npos);
  }
  EXPECT_NE(help_text(master_table()).find("--port=NUMBER  (default: 5050)"), std::string::npos);
  EXPECT_NE(help_text(agent_table()).find("--master=TEXT  (required)"), std::string::npos);
}

}  // namespace
}  // namespace mesolite::config
