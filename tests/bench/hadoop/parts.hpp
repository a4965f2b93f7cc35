// The parts of the bench of mini-hadoop; each adds its figures, beside their yardsticks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/report.hpp"

namespace mesolite::bench {

inline constexpr std::uint64_t input_size = 1'000'000'000;
// What the processes of a job may use together: two tasks at a time and what is beside them.
inline constexpr const char* task_memory = "128M";
inline constexpr double memory_budget_mb = 512;

// Text of words whose frequencies follow Zipf's law, a million of them distinct.
void write_zipf_text(const std::filesystem::path& file, std::uint64_t size);

// Counts the words of a file on two threads with open addressing and nothing clever, and writes
// "word<TAB>count" lines in order. As anyone would write it by hand.
void count_by_hand(const std::filesystem::path& input, const std::filesystem::path& output);

// Sorts a file of 100-byte records on two threads by the first bytes of their keys, in memory.
void sort_by_hand(const std::filesystem::path& input, const std::filesystem::path& output);

// How long a command took, or an exception with what it said.
Duration time_of(std::vector<std::string> command, std::vector<std::string> environment = {});

// A job of mini-hadoop as a command.
std::vector<std::string> job(const std::string& master, const std::string& name,
                             const std::filesystem::path& output,
                             std::vector<std::string> arguments);

// Runs a command meanwhile, and answers the sum of the peaks of the anonymous memory of all
// processes of mini-hadoop, in megabytes.
double peak_memory_of(std::vector<std::string> command);

}  // namespace mesolite::bench
