#!/usr/bin/env bash
# A Docker engine of one's own for tests (root; Debian's docker.io). Nothing of it is left after `down`.
# engine.sh up FOLDER: starts it and prints its DOCKER_HOST.   engine.sh down FOLDER: ends it and gives back what it changed.
set -euo pipefail
folder=$2
is_up() { docker --host "unix://$folder/docker.sock" version >/dev/null 2>&1; }

up() {
  # It would be taken away from its engine by `down`.
  ! ip link show docker0 >/dev/null 2>&1 || { echo 'another engine has the network docker0 here' >&2; return 1; }
  mkdir -p "$folder"
  sysctl -n net.ipv4.ip_forward >"$folder/ip-forward"
  iptables-save >"$folder/iptables"
  setsid dockerd --storage-driver="${STORAGE_DRIVER:-overlay2}" --data-root "$folder/data" --exec-root "$folder/exec" \
    -H "unix://$folder/docker.sock" --pidfile "$folder/docker.pid" >"$folder/log" 2>&1 </dev/null &
  local engine=$!
  echo "$engine" >"$folder/pid"
  for _ in $(seq 300); do
    is_up && break
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.1
  done
  is_up || { echo "the engine did not start: $(grep -v level=info "$folder/log" | tail -n 1)" >&2; down; return 1; }
  echo "unix://$folder/docker.sock"
}

down() {
  local engine
  engine=$(cat "$folder/pid")
  kill "$engine" 2>/dev/null || true
  while kill -0 "$engine" 2>/dev/null; do sleep 0.1; done
  ip link del docker0 2>/dev/null || true
  for table in filter nat; do iptables -t $table -F && iptables -t $table -X || true; done
  iptables -P FORWARD ACCEPT && iptables-restore <"$folder/iptables" || true
  sysctl -qw "net.ipv4.ip_forward=$(cat "$folder/ip-forward")"
  umount "$folder/exec/netns/default" "$folder/data" 2>/dev/null || true
  rm -rf "$folder"
}

"$1"
