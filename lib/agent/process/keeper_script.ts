/**
 * The keeper: a shell loop that ends exclusive replicas whose time has run out when their agent does not, because it is
 * frozen, stopped or gone. It is a program of its own for that reason, and a shell because that is all it needs.
 *
 * `$1` is the lease file, with a line `<until> <instance>` for each process, in hundredths of a second of /proc/uptime.
 * `$2` is the folder of the notes that launching shells wrote about themselves: boot, and their line of /proc. `$3` is
 * where the keeper notes itself. It ends once there is no lease file.
 * @module
 */
import { INSTANCE_VARIABLE } from "../platform/platform.ts";

export const KEEPER_NAME = "muster-keeper";

export const KEEPER_SCRIPT = `
lease=$1 notes=$2 note=$3
read -r self </proc/self/stat
read -r now_boot </proc/sys/kernel/random/boot_id

# The session's leader is proved by its start time; what shares its session goes with it, stopped or not.
end_session() {
  { read -r boot && read -r noted; } 2>/dev/null <"$notes/$1.stat" || return
  [ "$boot" = "$now_boot" ] || return
  pid=\${noted%% *}
  set -- \${noted##*) }
  started=\${20}
  { read -r found; } 2>/dev/null <"/proc/$pid/stat" || return
  set -- \${found##*) }
  [ "\${20}" = "$started" ] && [ "$4" = "$pid" ] || return
  kill -KILL "-$pid" 2>/dev/null
  for file in /proc/[0-9]*/stat; do
    { read -r found; } 2>/dev/null <"$file" || continue
    set -- \${found##*) }
    [ "$4" = "$pid" ] && kill -KILL "\${found%% *}" 2>/dev/null
  done
}

# The leader may have ended before, and others may have sessions of their own: they carry the instance's mark. What
# starts more of them while it is being killed is found in the next round. Succeeds once nothing is left.
end_marked() {
  marked=
  for round in 1 2 3 4 5 6 7 8 9 10; do
    before=$marked
    marked=$(grep -ls "${INSTANCE_VARIABLE}=$1" /proc/[0-9]*/environ)
    [ -n "$marked" ] || return 0
    [ "$marked" != "$before" ] || return 1
    for file in $marked; do
      pid=\${file#/proc/}
      kill -KILL "\${pid%/*}" 2>/dev/null
    done
  done
  return 1
}

ended=
printf '%s\\n' "$self" >"$note"
while :; do
  if [ ! -e "$lease" ]; then
    # An agent that writes a lease now finds no note, and starts another keeper; or this one finds that lease.
    rm -f "$note"
    [ -e "$lease" ] || exit 0
    printf '%s\\n' "$self" >"$note"
  fi
  read -r up idle </proc/uptime
  now=\${up%.*}\${up#*.}
  was=$ended ended=
  while read -r until instance; do
    case $until in "" | *[!0-9]*) continue ;; esac
    [ "$now" -lt "$until" ] && continue
    # To look through all processes is dear: once nothing is left of it, it stays ended, unless it is leased anew. It
    # takes two looks to know, as what is just becoming a program shows no mark.
    case $was in *"2<$until $instance>"*) ended="$ended 2<$until $instance>"; continue ;; esac
    end_session "$instance"
    end_marked "$instance" || continue
    case $was in *"1<$until $instance>"*) looks=2 ;; *) looks=1 ;; esac
    ended="$ended $looks<$until $instance>"
  done 2>/dev/null <"$lease"
  sleep 0.2 || sleep 1
done
`;
