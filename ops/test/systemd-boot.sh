#!/bin/sh
# Boots this machine's own Debian in a container with systemd as process 1, on a throw-away layer, and runs
# systemd-inside.sh in it. Needs root, systemd-nspawn, a built repository. Exit code: 0, 1, or 77 where none can be booted.
set -eu
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'umount "$work/root" 2>/dev/null || true; rm -rf "$work/out"; rmdir "$work/root" "$work" 2>/dev/null || true' EXIT
mkdir "$work/root" "$work/out"

in_container() {
  systemd-nspawn --quiet --directory="$work/root" --volatile=overlay --register=no --keep-unit --private-network \
    --machine=scriptmesh-test --bind-ro="$repository:/opt/scriptmesh" --bind="$work/out:/run/scriptmesh-test" "$@" </dev/null
}

find "$repository" -maxdepth 0 -perm -005 | grep -q . || { echo 'skipped: other users may not read this repository'; exit 77; }
command -v systemd-nspawn >/dev/null || { echo 'skipped: there is no systemd-nspawn'; exit 77; }
mount --bind / "$work/root" 2>/dev/null || { echo 'skipped: not allowed to mount'; exit 77; }
in_container /bin/true >/dev/null 2>&1 || { echo 'skipped: systemd-nspawn cannot make a container here'; exit 77; }

in_container --boot systemd.run=/opt/scriptmesh/ops/test/systemd-inside.sh systemd.run_success_action=exit \
  systemd.run_failure_action=exit systemd.show_status=no >"$work/out/boot" 2>&1 || true
cat "$work/out/said" 2>/dev/null || tail -n 40 "$work/out/boot"
[ -e "$work/out/passed" ]
