// mesolite-fetch: started by an agent for one launch, to bring files into its sandbox.
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "kernel/container/fetch/download.hpp"
#include "kernel/container/fetch/extract.hpp"
#include "kernel/container/helper_program.hpp"

namespace mesolite::container {
namespace {

// Before anything that comes from outside is touched.
Status become(const std::optional<Identity>& identity) {
  if (identity) {
    const std::vector<gid_t> groups(identity->groups.begin(), identity->groups.end());
    if (::setgroups(groups.size(), groups.data()) != 0 ||
        ::setresgid(identity->gid, identity->gid, identity->gid) != 0 ||
        ::setresuid(identity->uid, identity->uid, identity->uid) != 0) {
      return system_failure("cannot become the task's user to fetch its files", errno);
    }
  }
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // who would use the files is gone
  return {};
}

Result<Fetched> fetch(const FetchItem& item, const FetchOrder& order, int& next_cached) {
  const Descriptor cached(item.cached ? next_cached++ : -1);
  auto fetched = download(item, order, cached);
  const bool unpack = item.uri.extract && !item.uri.executable && is_archive(item.file);
  if (!fetched || !unpack) return fetched;
  if (auto unpacked = extract(item.file, {order.bytes_max, order.entries_max}); !unpacked) {
    return tl::unexpected(unpacked.error());
  }
  return fetched;
}

FetchAnswer carry_out(const FetchOrder& order) {
  FetchAnswer answer;
  Status status = become(order.identity);
  if (status && ::fchdir(fetch_sandbox) != 0) {
    status = system_failure("cannot enter the sandbox", errno);
  }
  int next_cached = fetch_first_cached;
  for (const FetchItem& item : order.items) {
    if (!status) break;
    auto fetched = fetch(item, order, next_cached);
    if (fetched) answer.items.push_back(std::move(*fetched));
    if (!fetched) status = tl::unexpected(fetched.error());
  }
  if (!status) answer.error = status.error().message;
  return answer;
}

int run() {
  ::umask(022);
  return run_helper_program<FetchOrder>("mesolite-fetch", fetch_answer, carry_out);
}

}  // namespace
}  // namespace mesolite::container

int main() {
  return mesolite::container::run();
}
