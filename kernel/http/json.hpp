// The parts that the views of master and agent share: nouns of the protocol as JSON. Included by
// the views only; the JSON library is slow to compile.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "mesolite/protocol/snapshot.hpp"

namespace mesolite::http {

using Json = nlohmann::ordered_json;

// The text of a document; bytes that are no UTF-8 become replacement characters.
std::string dump(const Json& document);

// {"cpus":8.0,"mem":1024.0,"disk":0.0,"gpus":0.0,"ports":"[31000-32000]"}
Json resources_json(const Resources& resources);
// Role -> resources reserved to it.
Json reservations_json(const Resources& resources);
// Numbers as numbers, all else as text.
Json attributes_json(const Attributes& attributes);
Json task_json(const TaskSnapshot& task);
Json executor_json(const ExecutorSnapshot& executor);
// Identity and settings of a framework, without its state.
Json framework_info_json(const FrameworkInfo& framework);

// "slave(1)@ip:port", "master@ip:port".
std::string process_id(std::string_view process, const std::string& ip, std::uint16_t port);

}  // namespace mesolite::http
