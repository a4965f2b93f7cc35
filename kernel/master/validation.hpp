// What cannot be taken from outside, and why. Each function answers with one sentence that begins
// with the field, or with "" if there is nothing to say.
#pragma once

#include <string>
#include <string_view>

#include "mesolite/protocol/messages.hpp"

namespace mesolite::master {

// Limits of what a single name or list may be.
inline constexpr std::size_t text_bytes_max = 4096;
inline constexpr std::size_t roles_per_framework_max = 1000;
inline constexpr std::size_t attributes_max = 1000;
inline constexpr std::size_t labels_max = 1000;
inline constexpr std::size_t notes_bytes_max = 64u << 10;  // of a task
inline constexpr std::size_t capabilities_max = 100;

// "roles[3]: "
std::string list_item(std::string_view list, std::size_t index);

// A text of at most text_bytes_max.
std::string invalid_text(std::string_view field, std::string_view text);
// Of a task (TaskLaunch).
std::string invalid_notes(const Bytes& notes);
std::string invalid(const FrameworkInfo& info);
// Why `after` cannot take the place of `before`: some fields stay what they were.
std::string invalid_principal(const FrameworkInfo& before, const FrameworkInfo& after);
std::string invalid_change(const FrameworkInfo& before, const FrameworkInfo& after);
std::string invalid(const AgentInfo& info);
std::string invalid(const AgentUpdate& update);
// With all that runs there, which must fit into the agent.
std::string invalid(const RegisterAgent& request);

}  // namespace mesolite::master
