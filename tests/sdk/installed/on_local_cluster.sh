#!/bin/sh
# on_local_cluster.sh MESOLITE COMMAND…: runs the command with MASTER set to a cluster that
# `mesolite local` starts, and ends that afterwards.
set -eu
mesolite=$1
shift
directory=$(mktemp -d)
mkfifo "$directory/says"
"$mesolite" local --agents=2 --port=0 >"$directory/says" &
cluster=$!
trap 'kill "$cluster" 2>/dev/null || true; wait "$cluster" || true; rm -rf "$directory"' EXIT
exec 3<"$directory/says"
read -r ready address <&3
[ "$ready" = ready ]
MASTER=${address#http://} "$@"
