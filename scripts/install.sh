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
  --host <address>      address of this host to listen on (default: 127.0.0.1)
  --token-file <file>   token that controller and agents share (default: made by the controller's installation)
  --insecure            no token, for a lab
  --prefix <folder>     where programs go: <prefix>/lib/muster, links in <prefix>/bin (default: /usr/local)
  --root <folder>       treat this folder as /, for images; nothing is started
  --dry-run             say what would be done, and do nothing
  --rollback            put the former programs back; a second time undoes that
  --uninstall           remove programs and units; settings in /etc/muster and state in /var/lib/muster stay
TEXT
}

main() {
  action=install role=both from='' controller='' host='' token_file='' insecure=no prefix=/usr/local root='' dry_run=no
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
      --role | --from | --controller | --host | --token-file | --prefix | --root)
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
  [ "$role" != both ] || [ -n "$controller" ] || controller=http://${host:-127.0.0.1}:8000
  check_flags
  check_host
  check_sums
  for program in $programs; do install_program "$program"; done
  install_settings
  for service in $(services); do install_unit "$service"; done
  start_services
}

check_flags() {
  [ "$role" = agent ] || return 0
  case $controller in
    '' | http://127.* | http://localhost*) ;;
    *) [ -n "$host" ] || fail_usage "give --host <address of this host that the controller reaches>" ;;
  esac
  if [ "$insecure" = no ] && [ -z "$token_file" ] && [ ! -e "$settings/token" ]; then
    fail_usage "give --token-file <copy of /etc/muster/token from the controller's host>, or --insecure for a lab"
  fi
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
  for service in $(services); do
    file=$settings/$service.env
    if [ -e "$file" ]; then
      say "keep $file as it is${chosen:+; --controller and --host go into new files only}"
    else
      say "write $file"
      ! doing || write_settings "$service" "$file"
    fi
  done
  [ "$insecure" = no ] || return 0
  if [ -e "$settings/token" ]; then
    say "keep $settings/token"
  else
    say "write $settings/token"
    ! doing || write_token
  fi
}

write_settings() {
  mkdir -p "$settings"
  {
    cat "$from/$1.env"
    echo
    echo "# Chosen by install.sh:"
    [ -z "$host" ] || echo "MUSTER_HOST=$host"
    if [ "$1" = agent ] && [ -n "$controller" ]; then echo "MUSTER_CONTROLLER=$controller"; fi
  } >"$2.new"
  mv "$2.new" "$2"
}

write_token() (
  mkdir -p "$settings"
  umask 077
  if [ -n "$token_file" ]; then
    cat "$token_file" >"$settings/token.new"
  else
    od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$settings/token.new"
  fi
  mv "$settings/token.new" "$settings/token"
)

install_unit() {
  unit=muster-$1.service
  say "write $units/$unit"
  doing || return 0
  mkdir -p "$units"
  sed "s|/usr/local/lib/muster/|$prefix/lib/muster/|" "$from/$1.service" >"$units/$unit.new"
  mv "$units/$unit.new" "$units/$unit"
  if [ "$insecure" = yes ]; then
    mkdir -p "$units/$unit.d"
    printf '[Service]\nLoadCredential=\nUnsetEnvironment=MUSTER_TOKEN_FILE\nEnvironment=MUSTER_INSECURE=true\n' \
      >"$units/$unit.d/insecure.conf"
  else
    rm -f "$units/$unit.d/insecure.conf"
  fi
}

start_services() {
  if [ -n "$root" ]; then
    say "installed into $root; nothing is started"
    return 0
  fi
  if has_systemd && doing; then
    systemctl daemon-reload
    for service in $(services); do
      systemctl enable "muster-$service.service" >/dev/null 2>&1 || say "muster-$service is not enabled at boot"
    done
  elif ! has_systemd; then
    say "systemd does not run here: what is started now is not started again after a crash or a restart of this host"
  fi
  restart_services
}

restart_services() {
  # What was copied comes to the disk first: a new main process writes, too, and would wait behind it, which takes an
  # agent longer than its controller has patience.
  ! doing || sync
  started=$(date '+%Y-%m-%d %H:%M:%S')
  for service in $(services); do
    say "start muster-$service"
    ! doing || restart_service "$service"
  done
  doing || return 0
  case $role in
    controller) say "the controller runs" ;;
    *) await_join ;;
  esac
}

restart_service() {
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
  if [ -e "$unit.d/insecure.conf" ]; then access=--insecure; else access="--token-file $settings/token"; fi
  echo "set -a; . $settings/$1.env; exec $line $access"
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
  [ -n "$root" ] || restart_services
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
