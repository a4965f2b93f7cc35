#!/bin/sh
# run_job.sh PREFIX LIBRARY FOLDER: runs a job of mini-hadoop from a library on a cluster of one agent,
# all of it as installed below PREFIX, and compares its output with what awk makes of the same input.
set -eu
prefix="$1"
library="$2"
folder="$3"
mkdir -p "$folder"
cd "$folder"
export MINI_HADOOP_HOME="$folder/home" TMPDIR="$folder"

: >cluster
"$prefix/bin/mesolite" local --agents 1 --port 0 >cluster 2>cluster-errors &
cluster=$!
trap 'kill "$cluster"; wait "$cluster" || true' EXIT
turn=0
until master="$(sed -n 's|^ready http://||p' cluster)" && [ -n "$master" ]; do
  turn=$((turn + 1))
  if [ "$turn" -gt 600 ] || ! kill -0 "$cluster"; then cat cluster-errors >&2 && exit 1; fi
  sleep 0.05
done

awk 'BEGIN {srand(1); for (i = 0; i < 5000; ++i) print 1900 + int(rand() * 100), int(rand() * 80) - 40}' >years
"$prefix/bin/mini-hadoop" jar "$library" --master "$master" --output out --split-size 4K years
cat out/part-* >actual
awk '!($1 in t) || $2 > t[$1] {t[$1] = $2} END {for (y in t) print y "\t" t[y]}' years | LC_ALL=C sort >expected
cmp expected actual
