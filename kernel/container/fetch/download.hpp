// One file, from wherever its URI says, into the present directory.
#pragma once

#include "kernel/container/descriptor.hpp"
#include "kernel/container/fetch/fetch_messages.hpp"

namespace mesolite::container {

// `cached`, if open, is a copy of it of an earlier time, and is copied if nothing has changed
// since. Fails with a sentence that names the URI.
Result<Fetched> download(const FetchItem& item, const FetchOrder& order, const Descriptor& cached);

}  // namespace mesolite::container
