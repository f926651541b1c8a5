#!/usr/bin/env bash
# The demo that ./run starts: two demo shops as two origins and the edge before them, as separate processes, so that
# one can be killed while the shop goes on. Ends its own children, and only those, when it is ended itself.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=tools/setup.sh
. tools/setup.sh

tenfold=build/release/tenfold
configuration=examples/demo.yaml
readonly EDGE=127.0.0.1:8080 CONSOLE=127.0.0.1:8090 SHOPS=(127.0.0.1:9001 127.0.0.1:9002)
readonly START_DEADLINE_S=20 STOP_DEADLINE_S=15
logs=build/demo
edge_pid=
shop_pids=()

is_taken() { (exec 3<>"/dev/tcp/${1%:*}/${1#*:}") 2>/dev/null; }
is_running() { kill -0 "$1" 2>/dev/null; }

# The status code that HOST:PORT answers for a path; empty when nobody answers.
status_of() {
  timeout 2 bash -c 'exec 3<>"/dev/tcp/${1%:*}/${1#*:}" &&
    printf "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" "$2" "$1" >&3 &&
    read -r _ code _ <&3 && echo "$code"' - "$1" "$2" 2>/dev/null || true
}

wait_for_end() {
  local deadline=$((SECONDS + STOP_DEADLINE_S))
  while is_running "$1" && [ $SECONDS -lt $deadline ]; do sleep 0.05; done
  if is_running "$1"; then say "process $1 did not end within $STOP_DEADLINE_S s; killing it"; kill -KILL "$1" 2>/dev/null || true; fi
  wait "$1" 2>/dev/null || true
}

# The edge first, so that it can finish what it is doing while its origins are still there.
stop_all() {
  trap '' INT TERM HUP
  local pid
  if [ -n "$edge_pid" ]; then kill -TERM "$edge_pid" 2>/dev/null || true; wait_for_end "$edge_pid"; fi
  for pid in "${shop_pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${shop_pids[@]}"; do kill -CONT "$pid" 2>/dev/null || true; wait_for_end "$pid"; done
}

wait_for_answer() {  # NAME HOST:PORT PATH PID
  local deadline=$((SECONDS + START_DEADLINE_S))
  until [ "$(status_of "$2" "$3")" = 200 ]; do
    if ! is_running "$4"; then
      local status=0
      wait "$4" || status=$?
      say "error: $1 ended while starting, with code $status. It said (in $logs/$1.log):"
      tail -n 20 "$logs/$1.log" >&2
      stop_all
      [ "$status" != 0 ] || status=1
      exit "$status"
    fi
    if [ $SECONDS -ge $deadline ]; then
      say "error: $1 does not answer http://$2$3 with 200 after $START_DEADLINE_S s. Its log is $logs/$1.log"
      stop_all
      exit 1
    fi
    sleep 0.05
  done
}

for address in "$EDGE" "$CONSOLE" "${SHOPS[@]}"; do
  if is_taken "$address"; then
    say "error: $address is taken by another program; the demo needs it."
    if command -v ss >/dev/null; then ss -Hltnp "sport = :${address#*:}" >&2 || true; fi
    exit "$EXIT_MACHINE"
  fi
done

mkdir -p $logs
trap 'say ""; say "Stopping ..."; stop_all; say "Stopped."; exit 0' INT TERM HUP

# setsid: Ctrl-C reaches this script alone, which then ends its children in order.
for i in 0 1; do
  setsid "$tenfold" shop --listen "${SHOPS[$i]}" --workers 20 >"$logs/shop-$((i + 1)).log" 2>&1 &
  shop_pids+=($!)
done
for i in 0 1; do wait_for_answer "shop-$((i + 1))" "${SHOPS[$i]}" /healthz "${shop_pids[$i]}"; done
setsid "$tenfold" run -c "$configuration" >"$logs/edge.log" 2>&1 &
edge_pid=$!
wait_for_answer edge "$CONSOLE" /healthz "$edge_pid"
wait_for_answer edge "$EDGE" / "$edge_pid"

cat <<EOF

The demo shop is open.

  Open in a browser    http://$EDGE/
  How it is doing      http://$CONSOLE/
  For programs         curl http://$CONSOLE/api/v1/status     (also /api/v1/origins, /api/v1/cache, /metrics)

It is three processes: two servers of the shop, and the edge (pid $edge_pid) before them.

  Try: kill one server, and go on shopping        kill -9 ${shop_pids[0]}
  Try: hang the other for a while, then let it go kill -STOP ${shop_pids[1]}; sleep 20; kill -CONT ${shop_pids[1]}
       (with both gone, pages that were seen before are still shown)
  Bring the first back                            $tenfold shop --listen ${SHOPS[0]} --workers 20
  Reload $configuration after an edit         kill -HUP $edge_pid
  Your own shop                                   ./run my-shop.yaml     (start from examples/shop.yaml)

Logs are in $logs/. Ctrl-C ends the demo.

EOF

# Each child is waited for by its own id: a killed server is news, not the end; the edge's end is the demo's.
alive=("${shop_pids[@]}")
while is_running "$edge_pid"; do
  still=()
  for pid in "${alive[@]}"; do
    if is_running "$pid"; then still+=("$pid"); else
      wait "$pid" 2>/dev/null || true
      say "$(date +%T) the shop's server with pid $pid has ended; see http://$CONSOLE/api/v1/origins"
    fi
  done
  alive=("${still[@]}")
  sleep 0.5
done
status=0
wait "$edge_pid" || status=$?
say "the edge ended with code $status; its log is $logs/edge.log"
tail -n 5 $logs/edge.log >&2
edge_pid=
stop_all
exit "$status"
