# What the deploy scripts share; sourced by them, never run. Plain POSIX sh.
#
# A script says where it lies itself and sources this:
#
#   sbin=$(dirname "$(readlink -f "$0")")
#   . "${sbin%/*}/libexec/mesolite/deploy.sh"

prefix=${sbin%/*}
configuration=${MESOS_CONF_DIR:-$prefix/etc/mesos}

say() { printf '%s\n' "$*"; }
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  complain "$@"
  exit 1
}

if [ -f "$configuration/mesos-deploy-env.sh" ]; then . "$configuration/mesos-deploy-env.sh"; fi
# Nobody is there to type a password for each of many hosts.
SSH_OPTS=${SSH_OPTS:--o BatchMode=yes -o ConnectTimeout=10}

# hosts_in FILE: its hosts, one a line, each once. A name is a word of ssh's command line, so what
# looks like a flag is refused with all else that is no name.
hosts_in() {
  awk -v file="$1" -v script="${0##*/}" '
    { sub(/\r$/, ""); sub(/#.*/, "") }
    NF == 0 { next }
    NF > 1 || $1 !~ /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/ {
      printf "%s: %s:%d: expected the name or address of one host, got \"%s\"\n", \
        script, file, FNR, $0 > "/dev/stderr"
      wrong = 1
      next
    }
    !seen[$1]++ { print $1 }
    END { exit wrong }' "$1"
}

# hosts_of NAME...: the hosts of the first of these files that is there. Without any it is this
# machine alone, as in a guide that begins with one.
hosts_of() {
  for name in "$@"; do
    if [ -f "$configuration/$name" ]; then
      hosts_in "$configuration/$name"
      return
    fi
  done
  complain "there is no $configuration/$1: this machine alone"
  say localhost
}

own_addresses() {
  hostname -I 2>/dev/null || ip -o -4 address show | awk '{ sub(/\/.*/, "", $4); print $4 }'
}

# is_here HOST: whether it is this machine, which needs no ssh to itself.
is_here() {
  case $1 in
    localhost | 127.*) return 0 ;;
    *@*) return 1 ;; # as somebody else, perhaps
  esac
  if [ "$1" = "$(uname -n)" ]; then return 0; fi
  own=" $(own_addresses | tr '\n' ' ') "
  for address in "$1" $(getent ahostsv4 "$1" 2>/dev/null | awk '!seen[$1]++ { print $1 }'); do
    case $address in 127.*) return 0 ;; esac
    case $own in *" $address "*) return 0 ;; esac
  done
  return 1
}

# on_host HOST ARGUMENT...: runs mesos-daemon.sh there. The arguments are words without blanks.
on_host() {
  host=$1
  shift
  sudo=${DEPLOY_WITH_SUDO:+sudo}
  if is_here "$host"; then
    $sudo sh "$sbin/mesos-daemon.sh" "$@"
  else
    # shellcheck disable=SC2029,SC2086  # the words are ours, and SSH_OPTS are several
    ssh -n $SSH_OPTS "$host" "$sudo sh '$sbin/mesos-daemon.sh' $*"
  fi
}

# on_hosts HOSTS ARGUMENT...: the same on all of them at a time; says what each had to say, and
# fails if one of them did.
on_hosts() {
  hosts=$1
  shift
  words=$(mktemp -d) || exit 1
  trap 'rm -rf "$words"' EXIT
  trap 'exit 130' HUP INT TERM
  for host in $hosts; do
    (
      status=0
      on_host "$host" "$@" >"$words/$host" 2>&1 || status=$?
      say "$status" >"$words/$host.status"
    ) &
  done
  wait
  failed=
  for host in $hosts; do
    sed "s/^/$host: /" "$words/$host"
    if [ "$(cat "$words/$host.status" 2>/dev/null)" != 0 ]; then failed="$failed $host"; fi
  done
  rm -rf "$words"
  if [ -n "$failed" ]; then
    complain "failed on:$failed"
    return 1
  fi
}

# on_all ARGUMENTS NAME...: the same on the hosts of a file, see hosts_of.
on_all() {
  arguments=$1
  shift
  hosts=$(hosts_of "$@") || exit 1
  # shellcheck disable=SC2086  # several words
  on_hosts "$hosts" $arguments
}

# without HOSTS OTHERS: the hosts that are not among the others.
without() {
  for host in $1; do
    found=
    for other in $2; do
      if [ "$host" = "$other" ]; then found=yes; fi
    done
    if [ -z "$found" ]; then say "$host"; fi
  done
}

# cluster_hosts: $agents and $slaves, the hosts that run a mesos-agent and those that run a
# mesos-slave: the union of both files, each host once.
cluster_hosts() {
  agents=$(hosts_of agents slaves) || exit 1
  slaves=
  if [ -f "$configuration/agents" ] && [ -f "$configuration/slaves" ]; then
    slaves=$(hosts_in "$configuration/slaves") || exit 1
    slaves=$(without "$slaves" "$agents")
  fi
}

# cluster_options ARGUMENT...: of the two scripts that start and stop all.
cluster_options() {
  for argument in "$@"; do
    case $argument in
      -s) DEPLOY_WITH_SUDO=1 ;;
      -h | --help)
        say "usage: ${0##*/} [-s]"
        say "  -s  with sudo on every host"
        say "Hosts: $configuration/masters, agents and slaves, one a line."
        exit 0
        ;;
      *)
        complain "unknown argument '$argument'; see --help"
        exit 64
        ;;
    esac
  done
}
