// Storage: all places where the data of jobs may lie, as one file system. A path's scheme says
// which: http://, https://, webhdfs://; without one it is a path of this machine (or one that all
// machines share). Compressed files are given as what they stand for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "frameworks/mini-hadoop/input/file_system.hpp"

namespace mesolite::hadoop {

// To be made once, before there are threads. `user`: to be named to file systems that ask.
std::unique_ptr<FileSystem> make_storage(const std::string& user);

// Whether it has a scheme, and so must not be made a path of this machine.
bool is_url(std::string_view path);

}  // namespace mesolite::hadoop
