#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>
#include <algorithm>

#include <nlohmann/json.hpp>

#include "sdk/net/http_get.hpp"

namespace mesolite::harness {
namespace {

using Json = nlohmann::json;

constexpr Duration answer_timeout = 5s;
constexpr std::string_view ready_word = "ready http";
constexpr std::string_view address_word = "://";

double cpus(const Json& agent, const char* of) {
  return agent.at(of).at("cpus").get<double>();
}

}  // namespace

std::string wait_ready(Program& program) {
  if (!program.says("\n")) ADD_FAILURE() << "not ready: " << program.errors();
  const std::string said = program.output();
  const std::size_t ready = said.find(ready_word);
  const std::size_t begin = said.find(address_word, ready);
  if (ready == std::string::npos || begin == std::string::npos) return "";
  const std::size_t end = said.find('\n', begin);
  return said.substr(begin + address_word.size(), end - begin - address_word.size());
}

Cluster::Cluster(ClusterOptions options) : options_(std::move(options)) {
  directory_ = options_.directory;
  if (directory_.empty()) directory_ = own_directory_.emplace().path();
  start_master();
  for (int i = 0; i < options_.agents; ++i) add_agent();
  const auto count = static_cast<std::size_t>(options_.agents);
  EXPECT_TRUE(eventually([&] { return agents_in("active") == count; })) << master_->errors();
}

Cluster::~Cluster() {
  for (const auto& agent : agents_) agent->signal(SIGTERM);
  for (const auto& agent : agents_) EXPECT_TRUE(agent->wait()) << "an agent does not end";
  master_->signal(SIGTERM);
  EXPECT_TRUE(master_->wait()) << "the master does not end";
}

void Cluster::start_master() {
  const bool again = !master_address_.empty();
  const std::string port = again ? master_address_.substr(master_address_.rfind(':') + 1) : "0";
  std::vector<std::string> arguments{built("sbin/mesos-master"), "--ip=127.0.0.1", "--port=" + port,
                                     "--work_dir=" + (directory_ / "m").string()};
  if (!options_.registry.empty()) arguments.push_back("--registry=" + options_.registry);
  arguments.insert(arguments.end(), options_.master_flags.begin(), options_.master_flags.end());
  master_ = std::make_unique<Program>(std::move(arguments));
  master_address_ = (options_.encrypted ? "https://" : "") + wait_ready(*master_);
}

void Cluster::kill_master() {
  master_->signal(SIGKILL);
  EXPECT_TRUE(master_->wait());
}

std::filesystem::path Cluster::agent_directory(std::size_t index) const {
  return directory_ / ("a" + std::to_string(index));
}

void Cluster::add_agent(const std::vector<std::string>& more_flags) {
  agents_.push_back(make_agent(agents_.size(), more_flags));
}

void Cluster::start_agent(std::size_t index, const std::vector<std::string>& more_flags) {
  agents_.at(index) = make_agent(index, more_flags);
  wait_ready(*agents_[index]);
}

void Cluster::kill_agent(std::size_t index) {
  agents_.at(index)->signal(SIGKILL);
  EXPECT_TRUE(agents_.at(index)->wait());
}

std::unique_ptr<Program> Cluster::make_agent(std::size_t index,
                                             const std::vector<std::string>& more_flags) {
  std::vector<std::string> arguments{built("sbin/mesos-agent"),
                                     "--ip=127.0.0.1",
                                     "--port=0",
                                     "--master=" + master_address_,
                                     "--resources=" + options_.resources,
                                     "--work_dir=" + agent_directory(index).string()};
  // A flag may be given once: the quick default is for those who do not say.
  const std::string backoff = "--registration_backoff_factor=";
  const bool said = std::any_of(options_.agent_flags.begin(), options_.agent_flags.end(),
                                [&](const std::string& flag) { return flag.starts_with(backoff); });
  if (!said) arguments.push_back(backoff + "10ms");
  arguments.insert(arguments.end(), options_.agent_flags.begin(), options_.agent_flags.end());
  arguments.insert(arguments.end(), more_flags.begin(), more_flags.end());
  return std::make_unique<Program>(std::move(arguments));
}

void Cluster::lose_agent(std::size_t index) {
  // Listed before the first one dies: what loses its parent is found below us and no more below it.
  const pid_t agent = agents_.at(index)->process().pid();
  const std::vector<pid_t> started = descendants_of(agent);
  agents_[index]->signal(SIGKILL);
  for (const pid_t pid : started) ::kill(pid, SIGKILL);
}

std::string Cluster::get(const std::string& path) const {
  const auto address = net::parse_http_address(master_address_);
  if (!address) return "";
  auto reply = net::http_get(*address, path, answer_timeout, options_.authorization);
  return reply && reply->status == 200 ? std::move(reply->body) : "";
}

std::size_t Cluster::agents_in(const std::string& condition) const {
  const Json answer = Json::parse(get("/slaves"), nullptr, false);
  if (!answer.is_object()) return 0;
  std::size_t count = 0;
  for (const Json& agent : answer.at("slaves")) count += agent.at("condition") == condition ? 1 : 0;
  return count;
}

bool Cluster::idle() const {
  const Json answer = Json::parse(get("/slaves"), nullptr, false);
  if (!answer.is_object()) return false;
  for (const Json& agent : answer.at("slaves")) {
    if (cpus(agent, "used_resources") > 0 || cpus(agent, "offered_resources") > 0) return false;
  }
  return true;
}

}  // namespace mesolite::harness
