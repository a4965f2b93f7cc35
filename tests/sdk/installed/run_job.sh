#!/bin/sh
# run_job.sh PREFIX LIBRARY FOLDER: runs a job of mini-hadoop from a library on the cluster that MASTER
# names, all of it as installed below PREFIX, and compares its output with what awk makes of the same input.
set -eu
prefix="$1"
library="$2"
folder="$3"
mkdir -p "$folder"
cd "$folder"
export MINI_HADOOP_HOME="$folder/home" TMPDIR="$folder"

awk 'BEGIN {srand(1); for (i = 0; i < 5000; ++i) print 1900 + int(rand() * 100), int(rand() * 80) - 40}' >years
"$prefix/bin/mini-hadoop" jar "$library" --master "$MASTER" --output out --split-size 4K years
cat out/part-* >actual
awk '!($1 in t) || $2 > t[$1] {t[$1] = $2} END {for (y in t) print y "\t" t[y]}' years | LC_ALL=C sort >expected
cmp expected actual
