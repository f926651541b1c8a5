# Shared by ./run, ./test and bench/: what must be installed, and how a preset is built. Sourced by bash, never run.
#
#   install_packages build test     installs what those lists name and the machine lacks; asks nothing
#   build_preset release tenfold    configures the preset once and builds the targets
#
# Debian 12 and 13; others with apt and these packages are not tried. Failures end with code 5: the machine lacks something.

readonly EXIT_MACHINE=5

say() { printf '%s\n' "$*" >&2; }
fail_machine() { say "error: $*"; exit "$EXIT_MACHINE"; }

# A list's optional packages are installed where the system has them, and passed over where it does not.
packages_of() {
  case $1 in
    build) echo g++ cmake ninja-build pkg-config ccache mold python3 ca-certificates libssl-dev liburing-dev \
      libc-ares-dev zlib1g-dev libbrotli-dev libsqlite3-dev libfmt-dev libspdlog-dev nlohmann-json3-dev \
      libyaml-cpp-dev libcli11-dev libabsl-dev libcurl4-openssl-dev libre2-dev libre-dev libbpf-dev libpsl-dev \
      libarchive-dev espeak-ng tzdata ;;
    build-optional) echo gcc-bpf ;;
    unit) echo libgtest-dev libgmock-dev ;;
    test) echo python3-pytest python3-pytest-xdist python3-selenium nginx wrk curl openssl sip-tester \
      exim4-daemon-light smstools gammu-smsd ;;
    test-optional) echo clang-format-14 chromium chromium-driver w3m iproute2 nftables python3-jsonschema ;;
    fuzz) local version; version=$(clang_version_to_use) || return 1
      echo "clang-$version" "libclang-rt-$version-dev" ;;
    elsewhere) echo mmdebstrap debian-archive-keyring iproute2 git ;;
    fuzz-optional) echo libhttp-parser-dev ;;
    bench) echo nginx haproxy varnish varnish-modules fail2ban slowhttptest nftables wrk nghttp2-client hey python3 openssl util-linux prometheus-blackbox-exporter ;;
    *-optional) ;;
    *) say "no package list named $1"; return 1 ;;
  esac
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
# Not grep -q: it ends at the first match, apt-cache is then killed by SIGPIPE, and pipefail calls that a failure.
can_be_installed() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null; }

# Prints those of its arguments that are not installed. One dpkg-query for all: a second run costs milliseconds.
missing_of() {
  local installed package
  installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package} ' "$@" 2>/dev/null) "
  for package in "$@"; do
    case $installed in *" installed $package "*) ;; *) echo "$package" ;; esac
  done
}

# The fuzzers' compiler: the newest clang from 16 on that is installed, otherwise the newest that can be.
clang_version_to_use() {
  local version
  for version in 22 21 20 19 18 17 16; do
    if is_installed "clang-$version"; then echo "$version"; return; fi
  done
  for version in 22 21 20 19 18 17 16; do
    if can_be_installed "clang-$version"; then echo "$version"; return; fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Debian starts a server as soon as its package is installed; the tests' nginx must not take port 80 on somebody's
# machine. policy-rc.d is Debian's own switch for this; one that is already there stays untouched.
apt_install_without_starting_services() {
  local policy=/usr/sbin/policy-rc.d ours= status=0
  if [ ! -e $policy ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null && as_root chmod 755 $policy
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2 || status=$?
  [ -z "$ours" ] || as_root rm -f $policy
  return $status
}

install_packages() {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    fail_machine "this needs Debian 12 or 13, or a system with the same packages (no apt-get here)"
  local list wanted=() optional=() missing missing_optional package updated=
  update_lists() {
    [ -z "$updated" ] || return 0
    updated=yes
    as_root apt-get update -q >&2 || say "warning: apt-get update failed; going on with the lists that are there"
  }
  may_install() {
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
  }
  for list in "$@"; do
    if [ "$list" = fuzz ] && ! clang_version_to_use >/dev/null && may_install; then update_lists; fi
    local names
    names=$(packages_of "$list") || fail_machine "no package for \"$list\" on this system (fuzzers need clang 16 or later)"
    # shellcheck disable=SC2206
    wanted+=($names)
    # shellcheck disable=SC2207
    optional+=($(packages_of "$list-optional"))
  done
  missing=$(missing_of "${wanted[@]}" | tr '\n' ' ')
  missing_optional=
  [ ${#optional[@]} = 0 ] || missing_optional=$(missing_of "${optional[@]}" | tr '\n' ' ')
  [ -n "$missing$missing_optional" ] || return 0

  if ! may_install; then
    [ -n "$missing" ] || { say "not installed, and no root to install them (their tests are skipped): $missing_optional"; return 0; }
    fail_machine "packages are missing and installing them needs root, or sudo without a password. As root, run:
  apt-get update && apt-get install -y $missing"
  fi
  # Optional packages that this system does not have are not worth an apt-get update at every run.
  local available=()
  [ -z "$missing" ] || update_lists
  for package in $missing_optional; do
    if can_be_installed "$package"; then available+=("$package"); fi
  done
  [ -n "$missing" ] || [ ${#available[@]} -gt 0 ] || return 0
  say "Installing with apt: $missing${available[*]}"
  update_lists
  # shellcheck disable=SC2086
  [ -z "$missing" ] || apt_install_without_starting_services $missing || fail_machine "apt-get install failed for: $missing"
  [ ${#available[@]} = 0 ] || apt_install_without_starting_services "${available[@]}" ||
    say "warning: could not install ${available[*]}; the tests that need them are skipped"
}

# Compile jobs at once: one per core, but no more than fit the free memory at 1 GiB each (coroutine-heavy files).
compile_jobs() {
  local cores free_gib
  cores=$(nproc)
  free_gib=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  if [ "${free_gib:-1}" -lt 1 ]; then free_gib=1; fi
  if [ "$free_gib" -lt "$cores" ]; then echo "$free_gib"; else echo "$cores"; fi
}

# say_how_far PID LOG: while that build runs, a line every half minute with its last step, such as "[112/391]". For a
# first build whose output goes to a file or to a machine: silence for minutes looks like a fault.
say_how_far() {
  local step last= seconds=0
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    [ $((seconds % ${TENFOLD_PROGRESS_S:-30})) = 0 ] || continue
    step=$(grep -oE '^\[[0-9]+/[0-9]+\]' "$2" | tail -n 1 || true)
    [ "$step" = "$last" ] || say "  building: $step after $seconds s"
    last=$step
  done
}

# build_preset PRESET [target...]: runs in the repository's root. The log stays in build/PRESET.log.
build_preset() {
  local preset=$1 log=build/$1.log
  shift
  mkdir -p build
  # One cache for all clones of one user: paths relative to the clone, whatever folder it is in.
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
  if [ ! -f "build/$preset/build.ninja" ]; then
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log" >&2; say "error: cmake --preset $preset failed"; return 1; }
  fi
  local targets=()
  [ $# = 0 ] || targets=(--target "$@")
  if [ -t 2 ]; then
    cmake --build --preset "$preset" -j "$(compile_jobs)" "${targets[@]}" 2>&1 | tee "$log" >&2
    [ "${PIPESTATUS[0]}" = 0 ] || { say "error: the build failed; its log is $log"; return 1; }
  else
    cmake --build --preset "$preset" -j "$(compile_jobs)" "${targets[@]}" >"$log" 2>&1 &
    say_how_far $! "$log"
    wait $! ||
      { grep -E 'FAILED|error|undefined' -A 6 "$log" | head -60 >&2; say "error: the build failed; its log is $log"; return 1; }
  fi
}
