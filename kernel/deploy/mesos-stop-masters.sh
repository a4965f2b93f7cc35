#!/bin/sh
# Ends mesos-master on the hosts of etc/mesos/masters.
sbin=$(dirname "$(readlink -f "$0")")
. "${sbin%/*}/libexec/mesolite/deploy.sh"

on_all '--stop mesos-master' masters
