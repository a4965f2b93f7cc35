#!/bin/sh
# Ends mesos-slave on the hosts of etc/mesos/slaves (or agents, if that is all there is).
sbin=$(dirname "$(readlink -f "$0")")
. "${sbin%/*}/libexec/mesolite/deploy.sh"

on_all '--stop mesos-slave' slaves agents
