#!/bin/sh
# Starts a daemon of ours in the background and waits until it serves, or ends it again. Only what
# was started here is ever ended: its process number stands in a file, with the moment at which that
# process began, so that a number that was given to somebody else means nobody.
sbin=$(dirname "$(readlink -f "$0")")
. "${sbin%/*}/libexec/mesolite/deploy.sh"

usage() {
  cat <<END_OF_USAGE
usage: mesos-daemon.sh PROGRAM [FLAG...]   starts mesos-master, mesos-agent or mesos-slave
       mesos-daemon.sh --stop PROGRAM...   ends it

Its variables come from $configuration/PROGRAM-env.sh, if that is there.

  MESOS_PID_DIR        where process numbers are kept ($prefix/var/run/mesos)
  MESOS_START_TIMEOUT  seconds until it must serve (30)
  MESOS_STOP_TIMEOUT   seconds until it must have ended, before it is killed (30)
END_OF_USAGE
}

# Fields of /proc/PID/stat from the third on: what stands before them may hold blanks.
stat_of() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null; }

alive() {
  case $(stat_of "$1") in '' | Z* | X*) return 1 ;; esac
}

# One process among all that ever have its number: when it began, and in which run of the machine.
identity_of() {
  echo "$1 $(stat_of "$1" | awk '{ print $20 }') $(cat /proc/sys/kernel/random/boot_id)"
}

# Two of us at a time would start it twice: the second one waits until the first is done.
hold() {
  mkdir -p "$pid_dir" || exit 1
  exec 9>"$pid_dir/$program.lock"
  flock 9
}

# Whether the program runs, as $pid.
running() {
  pid=
  if [ ! -f "$pid_file" ]; then return 1; fi
  read -r pid rest <"$pid_file"
  if alive "$pid" && [ "$pid $rest" = "$(identity_of "$pid")" ]; then return 0; fi
  rm -f "$pid_file"
  return 1
}

# setting NAME [FLAG...]: of a flag of the daemon, from its command line or its variable in any case.
setting() {
  wanted=$1
  shift
  for flag in "$@"; do
    case $flag in
      "--$wanted="*)
        say "${flag#*=}"
        return
        ;;
      "--$wanted" | "--no-$wanted")
        say given
        return
        ;;
    esac
  done
  env | awk -F= -v wanted="mesos_$wanted" 'tolower($1) == wanted { sub(/^[^=]*=/, ""); print; exit }'
}

# All that a daemon may need at a time: a connection for each peer, files for each task.
raise_limits() {
  # shellcheck disable=SC3045  # dash has them
  ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -H -n)" 2>/dev/null || true
}

# Why it did not start: the last of what it said.
show_last_words() {
  log_name=$program
  if [ "$program" = mesos-slave ]; then log_name=mesos-agent; fi
  for file in "$output" ${log_dir:+"$log_dir/$log_name.log"}; do
    if [ ! -s "$file" ]; then continue; fi
    say "the last lines of $file:"
    tail -n 10 "$file" | sed 's/^/  /'
  done >&2
}

start() {
  hold
  if running; then
    say "$program runs already, as process $pid"
    return 0
  fi
  if [ ! -x "$sbin/$program" ]; then die "there is no $sbin/$program"; fi
  if [ -f "$configuration/$program-env.sh" ]; then
    set -a
    . "$configuration/$program-env.sh"
    set +a
  fi
  log_dir=$(setting log_dir "$@")
  output=${log_dir:-$prefix/var/log/mesos}/$program.out
  mkdir -p "${output%/*}" || exit 1
  if [ -s "$output" ]; then mv -f "$output" "$output.1"; fi
  # What goes to a log file need not be said twice.
  if [ -n "$log_dir" ] && [ -z "$(setting quiet "$@")" ]; then set -- "$@" --quiet; fi
  raise_limits
  # A session of its own: the end of the terminal from which it is started means nothing to it.
  setsid "$sbin/$program" "$@" </dev/null >"$output" 2>&1 9>&- &
  pid=$!
  identity_of "$pid" >"$pid_file" || exit 1
  await_ready
}

await_ready() {
  turns=$((${MESOS_START_TIMEOUT:-30} * 10))
  while [ "$turns" -gt 0 ]; do
    address=$(sed -n 's/^ready //p' "$output")
    if [ -n "$address" ]; then
      say "$program serves at $address, as process $pid"
      return 0
    fi
    if ! alive "$pid"; then
      status=0
      wait "$pid" || status=$?
      rm -f "$pid_file"
      complain "$program did not start: it ended with status $status"
      show_last_words
      return 1
    fi
    sleep 0.1
    turns=$((turns - 1))
  done
  complain "$program does not serve after ${MESOS_START_TIMEOUT:-30} s; process $pid goes on trying"
  show_last_words
  return 1
}

stop() {
  hold
  if ! running; then
    say "$program does not run"
    return 0
  fi
  kill -TERM "$pid" || return 1
  turns=$((${MESOS_STOP_TIMEOUT:-30} * 10))
  while [ "$turns" -gt 0 ]; do
    if ! alive "$pid"; then
      rm -f "$pid_file"
      say "$program has ended"
      return 0
    fi
    sleep 0.1
    turns=$((turns - 1))
  done
  kill -KILL "$pid"
  rm -f "$pid_file"
  complain "$program did not end within ${MESOS_STOP_TIMEOUT:-30} s: process $pid was killed"
  return 1
}

# choose PROGRAM: whom the rest is about.
choose() {
  case $1 in
    mesos-master | mesos-agent | mesos-slave) program=$1 ;;
    *)
      complain "expected mesos-master, mesos-agent or mesos-slave, got '$1'"
      usage >&2
      exit 64
      ;;
  esac
  pid_file=$pid_dir/$program.pid
}

pid_dir=${MESOS_PID_DIR:-$prefix/var/run/mesos}
case ${1-} in
  -h | --help) usage ;;
  --stop)
    shift
    status=0
    if [ $# -eq 0 ]; then choose ''; fi
    for name in "$@"; do
      choose "$name"
      stop || status=1
    done
    exit "$status"
    ;;
  *)
    choose "${1-}"
    shift
    start "$@"
    ;;
esac
