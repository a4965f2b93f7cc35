#include "frameworks/mini-hadoop/cli/inquiries.hpp"

#include <cmath>
#include <cstdio>
#include <ctime>

namespace mesolite::hadoop {
namespace {

int complain(const Error& error) {
  std::fprintf(stderr, "mini-hadoop: %s\n", error.message.c_str());
  return 1;
}

// A job that is said to run and whose scheduler is gone can be taken up again.
std::string condition_of(const JobStore& store, const JobRecord& record) {
  const bool orphan = record.condition == JobCondition::running && !store.is_alive(record.id);
  return orphan ? "interrupted" : std::string(mesolite::to_text(record.condition));
}

std::string moment(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  localtime_r(&time, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

int whole_percent(double share) {
  return static_cast<int>(std::floor(share * 100));
}

}  // namespace

int list_jobs(const JobStore& store) {
  std::printf("%-32s %-12s %5s %7s  %s\n", "ID", "STATE", "MAP", "REDUCE", "NAME");
  for (const JobRecord& record : store.records()) {
    std::printf("%-32s %-12s %3d %% %5d %%  %s\n", record.id.c_str(),
                condition_of(store, record).c_str(), whole_percent(record.map_share),
                whole_percent(record.reduce_share), record.name.c_str());
  }
  return 0;
}

int show_status(const JobStore& store, const std::string& id) {
  const auto record = store.record(id);
  if (!record) return complain(record.error());
  std::printf("id       %s\nname     %s\nstate    %s\nstarted  %s\n", record->id.c_str(),
              record->name.c_str(), condition_of(store, *record).c_str(),
              moment(record->started).c_str());
  if (record->ended > 0) std::printf("ended    %s\n", moment(record->ended).c_str());
  std::printf("map      %d %% of %u\nreduce   %d %% of %u\nattempts %llu\noutput   %s\n",
              whole_percent(record->map_share), record->maps, whole_percent(record->reduce_share),
              record->reduces, static_cast<unsigned long long>(record->attempts),
              record->output.c_str());
  if (!record->error.empty()) std::printf("error    %s\n", record->error.c_str());
  return 0;
}

int show_counters(const JobStore& store, const std::string& id) {
  const auto record = store.record(id);
  if (!record) return complain(record.error());
  for (const auto& [name, value] : record->counters) {
    std::printf("%-32s %20llu\n", name.c_str(), static_cast<unsigned long long>(value));
  }
  return 0;
}

int kill_job(const JobStore& store, const std::string& id) {
  const auto wanted = store.want_kill(id);
  return wanted ? 0 : complain(wanted.error());
}

int show_history(const JobStore& store) {
  std::fputs(store.history().c_str(), stdout);
  return 0;
}

}  // namespace mesolite::hadoop
