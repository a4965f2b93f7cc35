#include "kernel/container/containerizer.hpp"

#include <utility>

#include "kernel/container/worker.hpp"

namespace mesolite::container {

Result<std::unique_ptr<Containerizer>> Containerizer::create(Settings settings,
                                                             std::vector<NamedIsolator> isolators) {
  for (const auto& [name, isolator] : isolators) {
    IsolatorProbe probe;
    probe.work_dir = settings.work_dir;
    probe.cgroup_mount = settings.cgroup_mount;
    probe.cgroup_root = settings.cgroup_root;
    if (const auto works = isolator->probe(probe); !works) {
      return failure("isolator '" + name + "' cannot work here", works.error());
    }
  }
  auto worker = std::make_unique<Worker>(std::move(settings), std::move(isolators));
  if (auto status = worker->open(); !status) return tl::unexpected(status.error());
  worker->start();
  return std::unique_ptr<Containerizer>(new Containerizer(std::move(worker)));
}

Containerizer::Containerizer(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}

Containerizer::~Containerizer() {
  worker_->stop();
}

void Containerizer::recover(std::vector<ContainerContext> known, std::vector<ContainerId> orphans) {
  worker_->post([known = std::move(known), orphans = std::move(orphans)](Worker& worker) mutable {
    worker.recover(std::move(known), std::move(orphans));
  });
}

void Containerizer::launch(LaunchRequest request) {
  worker_->post([request = std::move(request)](Worker& worker) mutable {
    worker.launch(std::move(request));
  });
}

void Containerizer::terminate(const ContainerId& container) {
  worker_->post([container](Worker& worker) { worker.terminate(container); });
}

void Containerizer::destroy(const ContainerId& container) {
  worker_->post([container](Worker& worker) { worker.destroy(container); });
}

void Containerizer::update(ContainerContext context) {
  worker_->post([context = std::move(context)](Worker& worker) mutable {
    worker.update(std::move(context));
  });
}

void Containerizer::check(const ContainerId& container, std::uint64_t number, Check check) {
  worker_->post([container, number, check = std::move(check)](Worker& worker) {
    worker.begin_check(container, number, check);
  });
}

void Containerizer::measure_usage() {
  worker_->post([](Worker& worker) { worker.measure_usage(); });
}

void Containerizer::forget(const ContainerId& container) {
  worker_->post([container](Worker& worker) { worker.forget(container); });
}

void Containerizer::leave() {
  worker_->post([](Worker& worker) { worker.leave(); });
}

void Containerizer::retire_sandbox(std::string sandbox) {
  worker_->post([sandbox = std::move(sandbox)](Worker& worker) { worker.retire(sandbox); });
}

int Containerizer::descriptor() const {
  return worker_->descriptor();
}

std::vector<Outcome> Containerizer::take_outcomes() {
  return worker_->take_outcomes();
}

}  // namespace mesolite::container
