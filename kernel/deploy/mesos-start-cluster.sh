#!/bin/sh
# Starts the masters, then the agents, each on its hosts of etc/mesos.
sbin=$(dirname "$(readlink -f "$0")")
. "${sbin%/*}/libexec/mesolite/deploy.sh"

cluster_options "$@"
cluster_hosts
on_all mesos-master masters || exit 1
status=0
on_hosts "$agents" mesos-agent || status=1
if [ -n "$slaves" ]; then on_hosts "$slaves" mesos-slave || status=1; fi
exit "$status"
