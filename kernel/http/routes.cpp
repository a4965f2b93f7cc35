#include "kernel/http/routes.hpp"

#include <string>
#include <utility>

#include "kernel/http/assets.hpp"
#include "kernel/http/views.hpp"

namespace mesolite::http {
namespace {

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

View<ClusterSnapshot> leader_only(View<ClusterSnapshot> view) {
  return [view = std::move(view)](const ClusterSnapshot& cluster, const Request& request) {
    if (cluster.leading) return view(cluster, request);
    if (leader_address(cluster).empty()) return no_leader();
    return redirect_response(at_leader(cluster, request.target));
  };
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
  const Result<TaskQuery> query = parse_task_query(request);
  if (!query) return error_response(400, query.error().message);
  return json_response(tasks_view(cluster, *query));
}

// Wraps a function from snapshot to JSON.
template <class Snapshot>
View<Snapshot> json(std::string (*view)(const Snapshot&)) {
  return [view](const Snapshot& snapshot, const Request&) { return json_response(view(snapshot)); };
}

void add_constant_routes(Router& router) {
  router.add("GET", "/health", [](const Request&, const Responder& respond) {
    respond(Response{200, "", "", {{"Cache-Control", "no-store"}}});
  });
  router.add("GET", "/version", [](const Request&, const Responder& respond) {
    respond(json_response(version_view()));
  });
}

void add_page(Router& router) {
  for (const Asset& asset : assets()) {
    router.add("GET", std::string(asset.path), [asset](const Request&, const Responder& respond) {
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
  const auto add = [&](const char* path, View<ClusterSnapshot> view) {
    router.add("GET", path, show<ClusterSnapshot>(source, std::move(view)));
  };
  add_constant_routes(router);
  add_page(router);
  add("/bus", show_bus);
  add("/redirect", show_redirect);
  add("/flags", [](const ClusterSnapshot& cluster, const Request&) {
    return json_response(flags_view(cluster.flags));
  });
  add("/metrics/snapshot", json<ClusterSnapshot>(metrics_view));
  for (const char* path : {"/state", "/state.json"}) {
    add(path, leader_only(json<ClusterSnapshot>(state_view)));
  }
  add("/slaves", leader_only(json<ClusterSnapshot>(agents_view)));
  add("/frameworks", leader_only(json<ClusterSnapshot>(frameworks_view)));
  add("/tasks", leader_only(show_tasks));
  return router;
}

Router agent_routes(AgentSource source) {
  Router router("slave(1)");
  const auto add = [&](const char* path, View<AgentStateSnapshot> view) {
    router.add("GET", path, show<AgentStateSnapshot>(source, std::move(view)));
  };
  add_constant_routes(router);
  add("/bus", json<AgentStateSnapshot>(bus_view));
  add("/flags", [](const AgentStateSnapshot& agent, const Request&) {
    return json_response(flags_view(agent.flags));
  });
  add("/metrics/snapshot", json<AgentStateSnapshot>(metrics_view));
  for (const char* path : {"/state", "/state.json"})
    add(path, json<AgentStateSnapshot>(state_view));
  for (const char* path : {"/containers", "/monitor/statistics"}) {
    add(path, json<AgentStateSnapshot>(containers_view));
  }
  return router;
}

Handler handler_of(Router router) {
  const auto shared = std::make_shared<const Router>(std::move(router));
  return [shared](const Request& request, const Responder& respond) {
    shared->handle(request, respond);
  };
}

}  // namespace mesolite::http
