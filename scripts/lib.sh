# What the scripts share; sourced by them, never run. Every script begins with
#
#   set -euo pipefail
#   . "$(dirname "$(readlink -f "$0")")/lib.sh"
#
# and may then use $root (the source tree), $preset, $build_dir and the functions below. They work
# from any directory.

root="$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")"
preset="${MESOLITE_PRESET:-release}"
build_dir="${MESOLITE_BUILD_DIR:-$root/build/$preset}"

# A clone in another directory finds the same compilations in the cache.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() {
  warn "${0##*/}: $*"
  exit 1
}

jobs_count() { nproc 2>/dev/null || echo 2; }

# Stops with the one apt line to run when packages are missing and we are not root.
need_packages() { "$root/scripts/setup" --quiet "$@"; }

# Configures $build_dir unless that has been done; later changes of CMake files are noticed by the
# build itself.
configure() {
  if [ -f "$build_dir/build.ninja" ] && [ ! "$root/CMakePresets.json" -nt "$build_dir/build.ninja" ]
  then
    return
  fi
  say "configuring $build_dir"
  mkdir -p "$build_dir"
  # A fresh folder is made for building everything; one that you have set up stays as it is.
  local join=
  if [ ! -f "$build_dir/CMakeCache.txt" ]; then join=-DMESOLITE_JOIN=ON; fi
  run_job cmake --preset "$preset" -S "$root" -B "$build_dir" --log-level=WARNING ${join:+"$join"}
  touch "$build_dir/build.ninja"
}

# build_targets [TARGET...]: configures if need be and builds the targets (all when none are named).
# Two scripts may build at once: the second waits.
build_targets() {
  configure
  local quiet=--quiet
  if [ -t 1 ]; then quiet=; fi
  run_job flock --close "$build_dir/.lock" \
    ninja -C "$build_dir" -j "$(jobs_count)" ${quiet:+"$quiet"} "$@"
}

# run_job COMMAND...: runs it in a process group of its own and returns its status. A signal to the
# script interrupts the wait at once, so that clean_up can end the group.
job=
run_job() {
  local status=0
  set -m
  "$@" </dev/null &
  job=$!
  set +m
  wait "$job" || status=$?
  job=
  return "$status"
}

# open_scratch PREFIX: makes $scratch, a directory that disappears with the script together with every
# process that was started below it, however the script ends. TMPDIR points there. The path is short
# since Unix socket paths end at 107 bytes.
scratch=
open_scratch() {
  scratch="$(mktemp -d "${TMPDIR:-/tmp}/$1-XXXXXX")"
  chmod 711 "$scratch"  # tasks of other users find their way to their own files
  export TMPDIR="$scratch" MESOLITE_RUN="$scratch"
}

# The processes that belong to this run: those that inherited its mark (or that of a script within),
# and those that live in its directory (a task's environment is made from scratch, but its sandbox
# lies there).
own_processes() (
  unset MESOLITE_RUN  # or this very search would find itself
  {
    grep -lsz "^MESOLITE_RUN=$scratch" /proc/[0-9]*/environ || true
    find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$scratch" -o -lname "$scratch/*" \) 2>/dev/null ||
      true
  } | cut -d/ -f3 | sort -un | grep -vx "$$" || true
)

# Runs however the script ends. A script that has more to say or do defines on_exit.
clean_up() {
  trap '' HUP INT TERM
  trap - EXIT
  if [ -n "$job" ]; then kill -TERM -- "-$job" 2>/dev/null || true; fi
  if declare -F on_exit >/dev/null; then on_exit || true; fi
  if [ -z "$scratch" ]; then return; fi
  local signal pids turn
  # A second to end by themselves, then by force.
  for turn in {1..20}; do
    pids="$(own_processes)"
    if [ -z "$pids" ]; then break; fi
    signal=TERM
    if [ "$turn" -gt 10 ]; then signal=KILL; fi
    # shellcheck disable=SC2086  # one argument a process
    kill "-$signal" $pids 2>/dev/null || true
    sleep 0.1
  done
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
