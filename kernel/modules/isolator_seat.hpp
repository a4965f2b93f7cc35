// IsolatorSeat: an isolator as the containerizer knows it, whatever becomes of the module behind
// it: its process may end and be started again, and another module may take its place.
//
// It remembers the containers that live, and brings a fresh instance up to date before it is asked
// anything: probe() as the first one was, recover() with all of them, and watch() for those that
// were watched. Descriptors that a module watches stand behind one of ours for each container, so
// the containerizer goes on polling the same one.
//
// While the module's process is down its methods fail with a sentence; what is not cleaned up then
// is named as an orphan to the next instance.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kernel/modules/hosted.hpp"
#include "mesolite/module/isolator.hpp"
#include "sdk/src/module/descriptor.hpp"

namespace mesolite::modules {

class IsolatorSeat final : public Isolator {
 public:
  explicit IsolatorSeat(Hosted<Isolator> isolator);
  ~IsolatorSeat() override;

  // ---- [one thread at a time] -------------------------------------------------------------------
  Result<Nothing> probe(const IsolatorProbe& probe) override;
  Result<Contribution> prepare(const ContainerContext& container) override;
  Result<Nothing> isolate(const ContainerContext& container) override;
  Result<WatchAnswer> watch(const ContainerContext& container) override;
  Result<CheckAnswer> check(const ContainerContext& container) override;
  Result<Nothing> update(const ContainerContext& container) override;
  Result<UsageAnswer> usage(const ContainerContext& container) override;
  Result<Nothing> cleanup(const ContainerContext& container) override;
  Result<Nothing> recover(const RecoverRequest& request) override;

  // ---- [any thread] -----------------------------------------------------------------------------
  // Another takes the place, between two calls, once it works here and knows the containers that
  // live. Fails with its sentence, and the old one goes on.
  Status replace(Hosted<Isolator> successor);

 private:
  using Descriptors = std::vector<Descriptor>;
  struct Container {
    ContainerContext context;
    Descriptor poll;      // an epoll that holds `watched`; none: nothing is
    Descriptors watched;  // copies of the module's
  };
  using Watched = std::unordered_map<ContainerId, Descriptors>;

  // REQUIRES of all below: the mutex
  void serve(Hosted<Isolator> isolator);
  // Tells an instance that knows nothing what it has to know; what it watches then.
  Result<Watched> teach(Hosted<Isolator>& isolator) const;
  Status poll(Watched watched);
  Status poll(Container& container, Descriptors descriptors) const;
  // The module, up to date.
  Result<Isolator*> current();
  template <class Response, class Request>
  Result<Response> ask(Result<Response> (Isolator::*method)(const Request&),
                       const Request& request);

  // One call at a time; what comes from another thread (a successor) waits for its end.
  std::mutex mutex_;
  Hosted<Isolator> isolator_;
  bool taught_ = true;  // false: a fresh instance could not be brought up to date
  std::optional<IsolatorProbe> probe_;
  std::unordered_map<ContainerId, Container> containers_;
  std::deque<ContainerId> orphans_;  // whose cleanup failed
  // Readable when a fresh instance waits; stands among what is watched, so that it is asked soon.
  std::shared_ptr<Descriptor> fresh_;
};

}  // namespace mesolite::modules
