#include "kernel/runtime/cut_off_log.hpp"

namespace mesolite::runtime {

void CutOffLog::note(Time now, const std::string& address, const std::string& reason) {
  if (now - second_began_ >= 1s) {
    if (in_this_second_ > lines_a_second) {
      log_.note({Severity::warning,
                 "connections_cut_off",
                 {{"more", std::to_string(in_this_second_ - lines_a_second)}}});
    }
    second_began_ = now;
    in_this_second_ = 0;
  }
  if (++in_this_second_ > lines_a_second) return;
  log_.note({Severity::warning,
             "connection_cut_off",
             {{"address", address.empty() ? "local" : address}, {"reason", reason}}});
}

}  // namespace mesolite::runtime
