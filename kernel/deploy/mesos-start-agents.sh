#!/bin/sh
# Starts mesos-agent on the hosts of etc/mesos/agents (or slaves, if that is all there is).
sbin=$(dirname "$(readlink -f "$0")")
. "${sbin%/*}/libexec/mesolite/deploy.sh"

on_all mesos-agent agents slaves
