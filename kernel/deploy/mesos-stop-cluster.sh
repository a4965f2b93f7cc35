#!/bin/sh
# Ends the agents, then the masters, each on its hosts of etc/mesos.
sbin=$(dirname "$(readlink -f "$0")")
. "${sbin%/*}/libexec/mesolite/deploy.sh"

cluster_options "$@"
cluster_hosts
status=0
on_hosts "$agents $slaves" --stop mesos-agent mesos-slave || status=1
on_all "--stop mesos-master" masters || status=1
exit "$status"
