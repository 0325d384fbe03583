#!/bin/sh
# Installs Muster's programs as services on this host, from a folder that `deno task build` made: as systemd's, or where
# that does not run, in the background until the host is restarted.
# Runs again without harm: programs and units are replaced, settings in /etc/muster never are.
set -eu

GLIBC_MINOR_MIN=27
START_WAIT_S=30
STOP_WAIT_S=30
JOIN_WAIT_S=30

usage() {
  cat <<'TEXT'
Usage: sh install.sh [--role controller|agent|both] [flags]

  --role <role>         what this host is: controller, agent or both (default: both)
  --from <folder>       where the programs and SHA256SUMS are (default: the folder of this script)
  --controller <url>    controller that the agent registers at (with both: the one on this host)
  --host <address>      address of this host to listen on (default: 127.0.0.1); a controller that others reach is secure
  --join-token-file <file>
                        what lets an agent join a secure cluster, - for standard input; `muster-controller join-token`
                        on the controller's host prints it (with both: made here)
  --token-file <file>   instead of that, a token that controller and agents share, without TLS
  --insecure            no token and no TLS, for a lab
  --prefix <folder>     where programs go: <prefix>/lib/muster, links in <prefix>/bin (default: /usr/local)
  --root <folder>       treat this folder as /, for images; nothing is started
  --dry-run             say what would be done, and do nothing
  --rollback            put the former programs back; a second time undoes that
  --uninstall           remove programs and units; settings in /etc/muster and state in /var/lib/muster stay
TEXT
}

main() {
  action=install role=both from='' controller='' host='' join_token_file='' token_file='' insecure=no prefix=/usr/local
  root='' dry_run=no
  read_flags "$@"
  case $role in
    controller) programs=controller ;;
    agent) programs='agent payload' ;;
    both) programs='controller agent payload' ;;
    *) fail_usage "--role is controller, agent or both, not $role" ;;
  esac
  library=$root$prefix/lib/muster
  links=$root$prefix/bin
  settings=$root/etc/muster
  units=$root/etc/systemd/system
  state=$root/var/lib/muster
  logs=/var/log/muster
  pids=/run/muster
  if [ -z "$root" ] && [ "$dry_run" = no ] && [ "$(id -u)" != 0 ]; then
    fail "Cannot install: this needs root; run it with sudo, or with --dry-run to see what it does"
  fi
  case $action in
    install) install_all ;;
    rollback) roll_back ;;
    uninstall) uninstall_all ;;
  esac
}

read_flags() {
  while [ $# -gt 0 ]; do
    case $1 in
      --role | --from | --controller | --host | --join-token-file | --token-file | --prefix | --root)
        [ $# -ge 2 ] || fail_usage "$1 needs a value"
        set_flag "$1" "$2"
        shift
        ;;
      --insecure) insecure=yes ;;
      --dry-run) dry_run=yes ;;
      --rollback) action=rollback ;;
      --uninstall) action=uninstall ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) fail_usage "unknown flag $1" ;;
    esac
    shift
  done
}

set_flag() {
  # These texts go into files of settings line by line.
  case $2 in
    *"
"*) fail_usage "$1 is one line" ;;
  esac
  case $1 in
    --role) role=$2 ;;
    --from) from=$2 ;;
    --controller) controller=$2 ;;
    --host) host=$2 ;;
    --join-token-file) join_token_file=$2 ;;
    --token-file) token_file=$2 ;;
    --prefix) prefix=${2%/} ;;
    --root) root=${2%/} ;;
    *) fail_usage "unknown flag $1" ;;
  esac
}

# --- install ---------------------------------------------------------------------------------------------------------

install_all() {
  [ -n "$from" ] || from=$(dirname "$0")
  chosen=$controller$host
  check_flags
  choose_access
  if [ "$role" = both ] && [ -z "$controller" ]; then controller=$(own_controller); fi
  check_host
  check_sums
  for program in $programs; do install_program "$program"; done
  if [ "$access" = shared ] || [ -n "$token_file" ]; then install_token; fi
  started=$(date '+%Y-%m-%d %H:%M:%S')
  for service in $(services); do
    install_settings "$service"
    [ "$service" = controller ] || install_join_token
    install_unit "$service"
    start_service "$service"
  done
  conclude
}

check_flags() {
  if [ -n "$join_token_file" ]; then
    [ "$role" = agent ] || fail_usage "--join-token-file is for --role agent; with both, the agent joins by itself"
    [ "$insecure$token_file" = no ] || fail_usage "give one of --join-token-file, --token-file and --insecure"
    check_join_url
    read_join_token
  fi
  [ "$role" = agent ] || return 0
  case $controller in
    '' | http://127.* | https://127.* | http://localhost* | https://localhost*) ;;
    *) [ -n "$host" ] || fail_usage "give --host <address of this host that the controller reaches>" ;;
  esac
  if [ "$insecure$token_file$join_token_file" = no ] && [ ! -e "$settings/token" ] && ! may_join; then
    fail_usage "give --join-token-file <file>: run 'muster-controller join-token' on the controller's host, it prints what
to run here; else --token-file <file> for a token that all share, or --insecure for a lab"
  fi
}

# Settings that are there stay, with the URL in them.
check_join_url() {
  [ ! -e "$settings/agent.env" ] || return 0
  case $controller in
    https://*) ;;
    *) fail_usage "a join token needs --controller with an https URL" ;;
  esac
}

# Before anything is done: half a paste must leave the host alone.
read_join_token() {
  join_token=$(head -n 1 "$join_token_file" | tr -d '[:space:]') || join_token=''
  case $join_token in
    muster1.*.*.*) ;;
    *) fail "Cannot install: --join-token-file $join_token_file holds no join token; copy all of it" ;;
  esac
}

# Whether the agent of this host belongs to a cluster, or has what lets it in.
may_join() {
  [ -e "$state/agent/identity.json" ] || [ -e "$settings/join-token" ]
}

# How programs prove who they are: secure (an identity for each), shared (a token that all have) or insecure. Settings
# that are there decide; else it is secure wherever others can come in.
choose_access() {
  if [ "$insecure" = yes ]; then
    access=insecure
  elif [ "$role" != agent ] && [ -e "$settings/controller.env" ]; then
    if grep -Eq '^MUSTER_SECURE="?true' "$settings/controller.env"; then access=secure; else access=shared; fi
  elif [ -n "$token_file" ]; then
    access=shared
  elif [ "$role" = agent ]; then
    access=secure
  else
    case $host in
      '' | 127.* | ::1 | localhost) access=shared ;;
      *) access=secure ;;
    esac
  fi
}

# Where the agent reaches the controller on its own host. Nobody vouches for "all addresses".
own_controller() {
  case $host in
    '' | 0.0.0.0) reached=127.0.0.1 ;;
    ::) reached='[::1]' ;;
    *:*) reached="[$host]" ;;
    *) reached=$host ;;
  esac
  if [ "$access" = secure ]; then echo "https://$reached:8000"; else echo "http://$reached:8000"; fi
}

# What Deno's runtime needs: Linux on a processor that programs are built for, and glibc.
check_host() {
  [ "$(uname -s)" = Linux ] || fail "Cannot install: this script is for Linux; this is $(uname -s)"
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) fail "Cannot install: Muster is built for x86_64 and aarch64; this processor is $(uname -m)" ;;
  esac
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=''
  case $libc in
    'glibc 2.'*)
      minor=${libc#glibc 2.}
      minor=${minor%%[!0-9]*}
      [ "$minor" -ge "$GLIBC_MINOR_MIN" ] || fail "Cannot install: $libc is too old; 2.$GLIBC_MINOR_MIN is needed"
      ;;
    *)
      # A host without getconf: whether the programs start is seen below.
      if ls /lib/ld-musl-* >/dev/null 2>&1; then fail "Cannot install: this host has musl; glibc is needed"; fi
      ;;
  esac
}

check_sums() {
  [ -f "$from/SHA256SUMS" ] || fail "Cannot install: $from has no SHA256SUMS; give --from <folder made by deno task build>"
  for file in $programs $(service_files); do
    [ -f "$from/$file" ] || fail "Cannot install: $from has no $file"
    wanted=$(awk -v name="$file" '$2 == name { print $1 }' "$from/SHA256SUMS")
    found=$(sha256sum "$from/$file" | cut -d ' ' -f 1)
    [ "$wanted" = "$found" ] || fail "Cannot install: $from/$file is not the file that SHA256SUMS names; copy it again"
  done
  for program in $programs; do
    "$from/$program" --version >/dev/null 2>&1 ||
      fail "Cannot install: $from/$program does not start here; it must be executable and built for $(uname -m)"
  done
}

service_files() {
  for name in $(services); do echo "$name.service $name.env"; done
}

services() {
  case $role in
    both) echo controller agent ;;
    *) echo "$role" ;;
  esac
}

install_program() {
  if [ -f "$library/$1" ] && cmp -s "$from/$1" "$library/$1"; then
    say "$library/$1 is this version already"
  else
    say "install $library/$1"
    doing || return 0
    mkdir -p "$library"
    # Under another name first: a program that runs can't be written to, and half a file must never be started.
    cp "$from/$1" "$library/$1.new"
    chmod 755 "$library/$1.new"
    [ ! -f "$library/$1" ] || mv -f "$library/$1" "$library/$1.former"
    mv -f "$library/$1.new" "$library/$1"
  fi
  doing || return 0
  mkdir -p "$links"
  ln -sf "$prefix/lib/muster/$1" "$links/muster-$1"
}

install_settings() {
  file=$settings/$1.env
  if [ -e "$file" ]; then
    say "keep $file as it is${chosen:+; --controller and --host go into new files only}"
  else
    say "write $file"
    ! doing || write_settings "$1" "$file"
  fi
}

write_settings() {
  mkdir -p "$settings"
  {
    cat "$from/$1.env"
    echo
    echo "# Chosen by install.sh:"
    [ -z "$host" ] || echo "MUSTER_HOST=$host"
    if [ "$1" = controller ] && [ "$access" = secure ]; then echo "MUSTER_SECURE=true"; fi
    if [ "$1" = agent ] && [ -n "$controller" ]; then echo "MUSTER_CONTROLLER=$controller"; fi
  } >"$2.new"
  mv "$2.new" "$2"
}

install_token() {
  if [ -e "$settings/token" ]; then
    say "keep $settings/token"
  else
    say "write $settings/token"
    ! doing || write_token
  fi
}

write_token() {
  if [ -n "$token_file" ]; then
    write_secret token <"$token_file"
  else
    od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' | write_secret token
  fi
}

# A token that was given, or else one that the controller of this host makes now. The agent uses it if it has to.
install_join_token() {
  if [ -n "$join_token_file" ]; then
    say "write $settings/join-token"
    ! doing || echo "$join_token" | write_secret join-token
  elif [ "$role$access" = bothsecure ] && [ ! -e "$state/agent/identity.json" ]; then
    if [ -n "$root" ]; then
      say "the agent joins once install.sh has run on the host itself"
      return 0
    fi
    say "write $settings/join-token, made by the controller here"
    doing || return 0
    # Without this shell's variables and contexts, which may lead to another cluster.
    join_token=$(env -i "$library/controller" join-token --raw) ||
      fail "Cannot join: the controller makes no join token; it says why above"
    echo "$join_token" | write_secret join-token
  fi
}

# Keeps what comes by standard input for root's eyes only.
write_secret() (
  mkdir -p "$settings"
  umask 077
  cat >"$settings/$1.new"
  mv "$settings/$1.new" "$settings/$1"
)

install_unit() {
  unit=muster-$1.service
  say "write $units/$unit"
  doing || return 0
  mkdir -p "$units"
  sed "s|/usr/local/lib/muster/|$prefix/lib/muster/|" "$from/$1.service" >"$units/$unit.new"
  mv "$units/$unit.new" "$units/$unit"
  rm -f "$units/$unit.d/insecure.conf" "$units/$unit.d/token.conf" "$units/$unit.d/join-token.conf"
  if [ "$access" = insecure ]; then
    write_drop_in "$unit" insecure 'Environment=MUSTER_INSECURE=true'
  else
    hand_secret "$unit" token
    [ "$1" = controller ] || hand_secret "$unit" join-token
  fi
}

# Lets systemd hand a secret to the program, where there is one: a unit that names a missing file does not start.
hand_secret() {
  [ -e "$settings/$2" ] || return 0
  variable=MUSTER_$(echo "$2" | tr a-z- A-Z_)_FILE
  write_drop_in "$1" "$2" "LoadCredential=$2:/etc/muster/$2
Environment=$variable=/run/credentials/%n/$2"
}

write_drop_in() {
  mkdir -p "$units/$1.d"
  printf '[Service]\n%s\n' "$3" >"$units/$1.d/$2.conf"
}

start_service() {
  [ -z "$root" ] || return 0
  if has_systemd && doing; then
    systemctl daemon-reload
    systemctl enable "muster-$1.service" >/dev/null 2>&1 || say "muster-$1 is not enabled at boot"
  elif ! has_systemd && [ "${warned:-no}" = no ]; then
    say "systemd does not run here: what is started now is not started again after a crash or a restart of this host"
    warned=yes
  fi
  restart_service "$1"
}

# Ends with what came of it.
conclude() {
  if [ -n "$root" ]; then
    say "installed into $root; nothing is started"
    return 0
  fi
  doing || return 0
  case $role in
    controller) say "the controller runs" ;;
    *) await_join ;;
  esac
}

restart_service() {
  say "start muster-$1"
  doing || return 0
  # What was copied comes to the disk first: a new main process writes, too, and would wait behind it, which takes an
  # agent longer than its controller has patience.
  sync
  if has_systemd; then
    systemctl restart "muster-$1.service" || fail "muster-$1 does not start: $(last_problem "$1")"
  else
    stop_alone "$1"
    start_alone "$1"
  fi
}

# Ends with the name that the node got, or with what keeps it from joining.
await_join() {
  if ! grep -q '^MUSTER_CONTROLLER=' "$settings/agent.env"; then
    say "the agent runs; it waits to be added by a POST of its url to the controller's /add-node"
    return 0
  fi
  if grep -Eq '^MUSTER_LOG_(LEVEL="?(warn|error)|FORMAT="?pretty)' "$settings/agent.env"; then
    say "the agent runs; its log is set not to tell whether it has joined"
    return 0
  fi
  waited=0
  while [ "$waited" -lt "$JOIN_WAIT_S" ]; do
    lines=$(log_of agent)
    case $lines in
      *'"msg":"Registered at the controller"'*)
        say "joined as $(printf '%s\n' "$lines" | field name 'Agent started')"
        return 0
        ;;
    esac
    sleep 1
    waited=$((waited + 1))
  done
  fail "not joined within $JOIN_WAIT_S s: $(last_problem agent); the agent goes on trying"
}

# What a service has said since it was started.
log_of() {
  if has_systemd; then
    journalctl --unit "muster-$1.service" --since "$started" --output cat --no-pager 2>/dev/null || true
  else
    cat "$logs/$1.log"
  fi
}

last_problem() {
  problem=$(log_of "$1" | sed -n 's/.*"\(problem\|error\)":"\([^"]*\)".*/\2/p' | tail -n 1)
  if has_systemd; then place="journalctl -u muster-$1"; else place=$logs/$1.log; fi
  echo "${problem:-see $place}"
}

# The text of a field in the last log line that says this.
field() {
  grep "\"msg\":\"$2\"" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | tail -n 1
}

# --- without systemd -------------------------------------------------------------------------------------------------

# As the unit starts it, but in the background and with its log in a file.
start_alone() {
  mkdir -p "$logs" "$pids" "/var/lib/muster/$1"
  chmod 700 "$logs" "/var/lib/muster/$1"
  address=/var/lib/muster/$1/$1.addr
  rm -f "$address"
  [ ! -e "$logs/$1.log" ] || mv -f "$logs/$1.log" "$logs/$1.log.former"
  line=$(command_of "$1")
  (
    cd /
    setsid sh -c "$line" </dev/null >"$logs/$1.log" 2>&1 &
    echo "$!" >"$pids/$1.pid"
  )
  say "its log is $logs/$1.log; to start it at boot: sh -c '$line'"
  waited=0
  until [ -e "$address" ]; do
    readlink "/proc/$(cat "$pids/$1.pid")/exe" >/dev/null || fail "muster-$1 does not start: $(last_problem "$1")"
    [ "$waited" -lt "${START_WAIT_S}0" ] || fail "muster-$1 does not listen after $START_WAIT_S s: $(last_problem "$1")"
    sleep 0.1
    waited=$((waited + 1))
  done
}

stop_alone() {
  ! pid=$(pid_alone "$1") || kill "$pid"
  waited=0
  while pid=$(pid_alone "$1"); do
    [ "$waited" -lt "${STOP_WAIT_S}0" ] || fail "muster-$1 does not stop: end process $pid by hand"
    sleep 0.1
    waited=$((waited + 1))
  done
  rm -f "$pids/$1.pid"
}

# The process that was started here, while it is that program still, whatever its file is called by now.
pid_alone() {
  [ -e "$pids/$1.pid" ] || return 1
  read -r pid <"$pids/$1.pid"
  case $(readlink "/proc/$pid/exe") in
    */lib/muster/"$1"*) echo "$pid" ;;
    *) return 1 ;;
  esac
}

command_of() {
  unit=$units/muster-$1.service
  line=$(sed -n 's|%S|/var/lib|; s|^ExecStart=||p' "$unit")
  [ ! -e "$unit.d/insecure.conf" ] || line="$line --insecure"
  for secret in token join-token; do
    [ ! -e "$unit.d/$secret.conf" ] || line="$line --$secret-file $settings/$secret"
  done
  echo "set -a; . $settings/$1.env; exec $line"
}

# --- back, and away --------------------------------------------------------------------------------------------------

roll_back() {
  changed=no
  for program in $programs; do
    [ -f "$library/$program.former" ] || continue
    changed=yes
    say "put the former $library/$program back"
    doing || continue
    mv "$library/$program" "$library/$program.new"
    mv "$library/$program.former" "$library/$program"
    mv "$library/$program.new" "$library/$program.former"
  done
  [ "$changed" = yes ] || fail "Cannot roll back: $library keeps no former programs"
  [ -z "$root" ] || return 0
  started=$(date '+%Y-%m-%d %H:%M:%S')
  for service in $(services); do restart_service "$service"; done
  conclude
}

uninstall_all() {
  for service in $(services); do
    unit=muster-$service.service
    [ -e "$units/$unit" ] || continue
    say "remove $units/$unit"
    doing || continue
    if has_systemd; then
      systemctl disable --now "$unit" || say "$unit could not be stopped"
    elif [ -z "$root" ]; then
      stop_alone "$service"
    fi
    rm -rf "${units:?}/$unit" "${units:?}/$unit.d"
  done
  for program in $programs; do
    say "remove $library/$program"
    ! doing || rm -f "$library/$program" "$library/$program.former" "$links/muster-$program"
  done
  doing || return 0
  [ ! -d "$library" ] || rmdir "$library" 2>/dev/null || true
  ! has_systemd || systemctl daemon-reload
  say "settings in $settings and state in $root/var/lib/muster stay; replicas that still run are left alone"
}

# --- small things ----------------------------------------------------------------------------------------------------

has_systemd() {
  [ -z "$root" ] && command -v systemctl >/dev/null 2>&1 && systemctl show --property Version >/dev/null 2>&1
}

# Whether this run changes anything.
doing() {
  [ "$dry_run" = no ]
}

say() {
  if doing; then echo "$1"; else echo "would: $1"; fi
}

fail() {
  echo "$1" >&2
  exit 1
}

fail_usage() {
  echo "install.sh: $1" >&2
  usage >&2
  exit 2
}

# Called last, so that a script which arrived only in part does nothing.
main "$@"
