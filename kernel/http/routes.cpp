#include "kernel/http/routes.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "kernel/http/assets.hpp"
#include "kernel/http/views.hpp"

namespace mesolite::http {
namespace {

using authorization::Action;

// No code but our own file, no data but from here, nobody else's frame.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

Response not_ready() {
  return error_response(503, "Still starting, please try again.");
}

Response no_leader() {
  return error_response(503, "There is no leading master at the moment.");
}

template <class Snapshot>
using View = std::function<Response(const Snapshot&, const Request&)>;

template <class Snapshot, class Source>
Handler show(Source source, View<Snapshot> view) {
  return [source = std::move(source), view = std::move(view)](const Request& request,
                                                              const Responder& respond) {
    const std::shared_ptr<const Snapshot> snapshot = source();
    respond(snapshot ? view(*snapshot, request) : not_ready());
  };
}

// "//host:port/path?query": the scheme stays the client's.
std::string at_leader(const ClusterSnapshot& cluster, std::string_view target) {
  return "//" + leader_address(cluster) + std::string(target);
}

// What stands in the way of an answer: then this is the answer.
template <class Snapshot>
using Guard = std::function<std::optional<Response>(const Snapshot&, const Request&)>;

std::optional<Response> only_leader(const ClusterSnapshot& cluster, const Request& request) {
  if (cluster.leading) return std::nullopt;
  if (leader_address(cluster).empty()) return no_leader();
  return redirect_response(at_leader(cluster, request.target));
}

Response show_redirect(const ClusterSnapshot& cluster, const Request&) {
  if (leader_address(cluster).empty()) return no_leader();
  return redirect_response(at_leader(cluster, ""));
}

Response show_bus(const ClusterSnapshot& cluster, const Request&) {
  auto bus = bus_view(cluster);
  return bus ? json_response(std::move(*bus)) : no_leader();
}

Response show_tasks(const ClusterSnapshot& cluster, const Request& request) {
  if (auto elsewhere = only_leader(cluster, request)) return std::move(*elsewhere);
  const Result<TaskQuery> query = parse_task_query(request);
  if (!query) return error_response(400, query.error().message);
  return json_response(tasks_view(cluster, *query));
}

Response text_response(std::string body) {
  constexpr const char* type = "text/plain; version=0.0.4; charset=utf-8";  // as Prometheus asks
  return Response{200, type, std::move(body), {{"Cache-Control", "no-store"}}};
}

// What a page said last, for all who ask while its snapshot is the latest one: a page of a large
// cluster takes a second to write, and many may ask for it.
template <class Snapshot>
class Page {
 public:
  using Write = std::string (*)(const Snapshot&);

  explicit Page(Write write) : write_(write) {}

  std::string text_of(const std::shared_ptr<const Snapshot>& snapshot) {
    // Held while it is written: whoever comes meanwhile wants just that.
    const std::lock_guard lock(mutex_);
    if (written_of_.lock() != snapshot) {
      text_ = write_(*snapshot);
      written_of_ = snapshot;
    }
    return text_;
  }

 private:
  const Write write_;
  std::mutex mutex_;
  std::weak_ptr<const Snapshot> written_of_;  // keeps no snapshot alive
  std::string text_;
};

// A route that shows the whole of something, whatever the request's query.
template <class Snapshot>
struct PageRoute {
  const char* path;
  Right right;
  typename Page<Snapshot>::Write write;
  Response (*wrap)(std::string) = json_response;
  Guard<Snapshot> guard = {};
};

template <class Snapshot, class Source>
void add_page_route(Router& router, const Source& source, PageRoute<Snapshot> route) {
  router.add("GET", route.path, route.right,
             [source, route, page = std::make_shared<Page<Snapshot>>(route.write)](
                 const Request& request, const Responder& respond) {
               const std::shared_ptr<const Snapshot> snapshot = source();
               if (!snapshot) return respond(not_ready());
               auto instead = route.guard ? route.guard(*snapshot, request) : std::nullopt;
               if (instead) return respond(std::move(*instead));
               respond(route.wrap(page->text_of(snapshot)));
             });
}

void add_constant_routes(Router& router) {
  router.add("GET", "/health", open_to_all, [](const Request&, const Responder& respond) {
    respond(Response{200, "", "", {{"Cache-Control", "no-store"}}});
  });
  router.add("GET", "/version", open_to_all, [](const Request&, const Responder& respond) {
    respond(json_response(version_view()));
  });
}

void add_page(Router& router) {
  for (const Asset& asset : assets()) {
    router.add("GET", std::string(asset.path), Action::view_state,
               [asset](const Request&, const Responder& respond) {
                 respond(Response{200,
                                  std::string(asset.content_type),
                                  std::string(asset.content),
                                  {{"Content-Security-Policy", content_policy},
                                   {"Referrer-Policy", "no-referrer"},
                                   {"Cache-Control", "no-cache"}}});
               });
  }
}

}  // namespace

Router master_routes(ClusterSource source) {
  Router router("master");
  const auto add = [&](const char* path, Right right, View<ClusterSnapshot> view) {
    router.add("GET", path, right, show<ClusterSnapshot>(source, std::move(view)));
  };
  const auto add_text = [&](PageRoute<ClusterSnapshot> route) {
    add_page_route<ClusterSnapshot>(router, source, std::move(route));
  };
  add_constant_routes(router);
  add_page(router);
  add("/bus", open_to_all, show_bus);
  add("/redirect", open_to_all, show_redirect);
  add("/flags", Action::view_flags, [](const ClusterSnapshot& cluster, const Request&) {
    return json_response(flags_view(cluster.flags));
  });
  add_text({"/metrics/snapshot", Action::view_metrics, metrics_view});
  add_text({"/metrics", Action::view_metrics, prometheus_view, text_response});
  for (const char* path : {"/state", "/state.json"}) {
    add_text({path, Action::view_state, state_view, json_response, only_leader});
  }
  add_text({"/slaves", Action::view_agents, agents_view, json_response, only_leader});
  add_text({"/frameworks", Action::view_frameworks, frameworks_view, json_response, only_leader});
  add("/tasks", Action::view_tasks, show_tasks);
  return router;
}

Router agent_routes(AgentSource source) {
  Router router("slave(1)");
  const auto add_text = [&](PageRoute<AgentStateSnapshot> route) {
    add_page_route<AgentStateSnapshot>(router, source, std::move(route));
  };
  add_constant_routes(router);
  add_text({"/bus", open_to_all, bus_view});
  router.add("GET", "/flags", Action::view_flags,
             show<AgentStateSnapshot>(source, [](const AgentStateSnapshot& agent, const Request&) {
               return json_response(flags_view(agent.flags));
             }));
  add_text({"/metrics/snapshot", Action::view_metrics, metrics_view});
  add_text({"/metrics", Action::view_metrics, prometheus_view, text_response});
  for (const char* path : {"/state", "/state.json"})
    add_text({path, Action::view_state, state_view});
  for (const char* path : {"/containers", "/monitor/statistics"}) {
    add_text({path, Action::view_containers, containers_view});
  }
  return router;
}

}  // namespace mesolite::http
