#!/usr/bin/env bash
# ./test elsewhere: this clone on another system, as a stranger would meet it. On a bare Debian 13, made by mmdebstrap:
#   1. ./run --build-only, which installs what it needs
#   2. the unit tests, without sanitizers
#   3. ./run, and the demo is asked once
# Ends with one line "N passed, N failed". Needs root (for chroot and mounts), and apt sources that name a Debian mirror.
#
# In build/elsewhere/ stay, so that the next time is short: the bare system as a tar file (made anew after a month), apt's
# packages, and ccache's objects. The system itself is unpacked for each run and removed after it. Mounts, processes and
# ports are in namespaces of their own: none outlives the run, and the demo's ports are never taken.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tools/setup.sh
. tools/setup.sh

readonly SUITE=${TENFOLD_ELSEWHERE_SUITE:-trixie} BARE_DAYS=30 DEMO_DEADLINE_S=60
readonly KEPT=$PWD/build/elsewhere
readonly BARE=$KEPT/$SUITE.tar
passed=0
failed=0
failures=()
system=
child=

# For the signals: what runs in the other system ends with its first process, and is waited for.
stop() {
  [ -z "$child" ] || { kill -KILL "$child" 2>/dev/null; wait "$child" 2>/dev/null; }  # unshare hears no milder one
  failures+=("ended by a signal")
  failed=$((failed + 1))
  finish
}

finish() {
  [ -z "$system" ] || rm -rf --one-file-system "$system"
  local name
  for name in "${failures[@]}"; do say "  failed: $name"; done
  echo "$passed passed, $failed failed"
  if [ "$failed" = 0 ] && [ "$passed" -gt 0 ]; then exit 0; else exit "${1:-1}"; fi
}

lacking() {
  say "error: $1"
  failed=1
  failures+=("elsewhere: $1")
  finish "$EXIT_MACHINE"
}

count() {  # NAME STATUS
  if [ "$2" = 0 ]; then passed=$((passed + 1)); say "  $1: passed"; else failed=$((failed + 1)); failures+=("$1"); say "  $1: failed"; fi
}

# Where this machine gets its own Debian packages from; its suite is another one, the mirror has them all.
mirror() {
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian Debian //p' | head -n 1
}

make_bare() {
  local from include=()
  [ -z "$(find "$BARE" -mtime -$BARE_DAYS 2>/dev/null)" ] || return 0
  from=$(mirror)
  [ -n "$from" ] || lacking "apt's sources on this machine name no Debian mirror to make $SUITE from"
  say "  making a bare $SUITE ..."
  # Only for a mirror that is asked by https: all else is for ./run to install.
  case $from in https:*) include=(--include=ca-certificates) ;; esac
  mmdebstrap --quiet --mode=root --variant=minbase --format=tar "${include[@]}" "$SUITE" "$BARE.new" "$from" \
    >"$KEPT/mmdebstrap.log" 2>&1 || { tail -n 20 "$KEPT/mmdebstrap.log" >&2; lacking "mmdebstrap could not make $SUITE"; }
  mv "$BARE.new" "$BARE"
}

unpack() {
  system=$(mktemp -d "$KEPT/system.XXXXXX")
  tar -xf "$BARE" -C "$system" || lacking "the bare system could not be unpacked into $system"
  mkdir -p "$system/clone" "$system/kept/ccache" "$KEPT/ccache" "$KEPT/archives/partial"
  cp -L /etc/resolv.conf "$system/etc/resolv.conf"
  # What a clone of the work tree would have: tracked files, and new ones that are not ignored.
  git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- --ignore-failed-read 2>/dev/null |
    tar -x -C "$system/clone"
}

# inside NETWORK COMMAND: runs it in the clone, in the other system. NETWORK: "outside", or "loopback" for none but its own.
inside() {
  local network=()
  [ "$1" = outside ] || network=(--net)
  unshare --mount --pid --ipc --fork --kill-child=KILL "${network[@]}" bash -euc '
    [ "$4" = outside ] || ip link set lo up
    mount --make-rprivate /
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t sysfs -o ro sysfs "$1/sys"
    mount --bind "$3/archives" "$1/var/cache/apt/archives"
    mount --bind "$3/ccache" "$1/kept/ccache"
    exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      CCACHE_DIR=/kept/ccache bash -uc "cd /clone || exit 1; $2"' inside "$system" "$2" "$KEPT" "$1" &
  child=$!  # in the background, so that a signal is heard at once
  local status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

ask_the_demo() {
  inside loopback "
    ./run >demo.log 2>&1 & run=\$!
    for i in \$(seq $((DEMO_DEADLINE_S * 5))); do
      if grep -q 'The demo shop is open' demo.log || ! kill -0 \$run; then break; fi
      sleep 0.2
    done
    answer=\$(python3 -c 'import urllib.request as u; a = u.urlopen(\"http://127.0.0.1:8080/\", timeout=10); print(a.read().decode(), a.status)') || true
    kill -TERM \$run
    wait \$run || { cat demo.log; exit 1; }
    case \$answer in *'</html>'*' 200') ;; *) cat demo.log; echo \"the demo answered: \$answer\"; exit 1 ;; esac"
}

[ "$(id -u)" = 0 ] || lacking "./test elsewhere makes another system and changes root into it: run it as root"
command -v mmdebstrap >/dev/null || lacking "mmdebstrap is not installed"
unshare --mount --pid --ipc --net --fork true 2>/dev/null || lacking "this machine does not let root make namespaces (a container?)"
mkdir -p "$KEPT"
make_bare
trap stop INT TERM HUP
unpack
inside outside '. /etc/os-release && echo "  on $PRETTY_NAME"' || lacking "no program runs in the other system"

inside outside "./run --build-only"
count "$SUITE: ./run --build-only" $?
# The test libraries come after it: it must have asked for all that it needs itself.
log=$KEPT/unit.log
inside outside "./test plain" > >(tee "$log") 2>&1
last=$(tail -n 1 "$log")
if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
  passed=$((passed + BASH_REMATCH[1]))
  failed=$((failed + BASH_REMATCH[2]))
  mapfile -t -O ${#failures[@]} failures < <(sed -n "s/^  failed: /$SUITE: /p" "$log")
else
  count "$SUITE: unit tests (no count)" 1
fi
ask_the_demo
count "$SUITE: ./run, and the demo answers" $?
finish
