#!/bin/sh
# What systemd-boot.sh runs below a real systemd: installs both services, restarts each in the middle of a run, removes them.
# Says one line for each thing that held, and ends at the first that did not.
set -eu
out=/run/scriptmesh-test
exec >"$out/said" 2>&1
scriptmesh() { node /opt/scriptmesh/bin/scriptmesh.mjs "$@"; }
held() { echo "ok: $1"; }
fail() {
  echo "NOT: $1"
  systemctl --no-pager --full status scriptmesh-orchestrator scriptmesh-agent || true
  journalctl --no-pager -n 40 -u scriptmesh-orchestrator -u scriptmesh-agent || true
  exit 1
}
until_true() {
  what=$1
  shift
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  fail "$what within 30 s"
}
export HOME=/root ORCHESTRATOR_URL=http://127.0.0.1:8000 NO_COLOR=1
ip link set lo up 2>/dev/null || true

scriptmesh orchestrator service install
until_true 'the orchestrator is ready' curl -fsS "$ORCHESTRATOR_URL/readyz"
[ "$(stat -c %U /var/lib/scriptmesh/cfg/fernet.key)" = scriptmesh ] || fail 'the keys belong to the service user'
held 'the orchestrator is installed and ready, under a user of its own'

mkdir -p /etc/scriptmesh
umask 077
scriptmesh agent service install
{
  echo "ORCHESTRATOR_URL=$ORCHESTRATOR_URL"
  echo "SCRIPT_MESH_AGENT_NAME=node"
  echo "SCRIPT_MESH_MAIN_KEY=$(cat /var/lib/scriptmesh/cfg/main.key)"
  echo "SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS=1"
} >/etc/scriptmesh/agent.env
systemctl restart scriptmesh-agent
until_true 'the agent made its home' test -e /var/lib/scriptmesh-agent/cfg/script_manifest.json
home=/var/lib/scriptmesh-agent
cat >$home/scripts/patient.sh <<'S'
#!/bin/sh
echo "$SM_RUN_ID" >> "$HOME/starts"
echo begun
while [ ! -e "$HOME/go" ]; do sleep 0.1; done
id -un
touch /etc/not-allowed 2>/dev/null && echo 'wrote to /etc' || echo 'cannot write to /etc'
t=$(mktemp) && rm "$t" && echo 'writes to /tmp' || echo 'cannot write to /tmp'
ls /home >/dev/null 2>&1 && [ -n "$(ls /home)" ] && echo 'sees /home' || echo 'sees no /home'
S
chmod 700 $home/scripts/patient.sh
echo '{"scripts":[{"name":"patient","path":"patient.sh"}]}' >$home/cfg/script_manifest.json
chown scriptmesh-agent: $home/scripts/patient.sh $home/cfg/script_manifest.json
export SCRIPT_MESH_API_KEY_FILE=/var/lib/scriptmesh/cfg/main.key
lists_patient() { scriptmesh scripts list -a node -o json | grep -q patient; }
until_true 'the script is listed' lists_patient
held 'the agent is installed, and its scripts are listed'

id=$(scriptmesh run patient -a node --detach)
until_true 'the script began' test -s $home/starts
script=$(pgrep -f scripts/patient.sh | head -1)
before=$(systemctl show -p MainPID --value scriptmesh-agent)
systemctl restart scriptmesh-agent
[ "$(systemctl show -p MainPID --value scriptmesh-agent)" != "$before" ] || fail 'the agent is another process after a restart'
kill -0 "$script" || fail 'the script lives on when its agent is restarted'
systemctl kill --signal=KILL --kill-whom=main scriptmesh-agent
until_true 'systemd started the agent again after a KILL' systemctl is-active scriptmesh-agent
systemctl restart scriptmesh-orchestrator
until_true 'the orchestrator is back' curl -fsS "$ORCHESTRATOR_URL/readyz"
kill -0 "$script" || fail 'the script lives on when its agent is killed and the orchestrator restarted'
touch $home/go
is_final() { scriptmesh runs show "$id" -o json | grep -q '"state": *"succeeded"'; }
until_true 'the run succeeded' is_final
scriptmesh runs output "$id" >"$out/output"
printf 'begun\nscriptmesh-agent\ncannot write to /etc\nwrites to /tmp\nsees no /home\n' | cmp - "$out/output" || fail 'the output is whole'
[ "$(wc -l <$home/starts)" = 1 ] || fail 'it was started once'
held 'a run outlives a restart and a KILL of the agent and a restart of the orchestrator, once, with all of its output'
held 'a script runs as scriptmesh-agent, writes nowhere else and sees no /home'

# As "systemd-run --uid -p EnvironmentFile" does it (docs/doctor.md), which needs a bus.
(
  set -a
  . /etc/scriptmesh/agent.env
  SCRIPT_MESH_HOME=$home
  exec setpriv --reuid=scriptmesh-agent --regid=scriptmesh-agent --clear-groups \
    node /opt/scriptmesh/bin/scriptmesh.mjs doctor agent
) >"$out/doctor" 2>&1 || {
  cat "$out/doctor"
  fail 'the doctor finds nothing, asked with the settings of the service'
}
held 'the doctor looks at what the service uses'

scriptmesh agent service uninstall
scriptmesh orchestrator service uninstall
systemctl is-active scriptmesh-agent scriptmesh-orchestrator && fail 'the services are gone' || true
[ -e $home/cfg/agent.key ] && [ -e /var/lib/scriptmesh/scriptmesh.sqlite ] || fail 'uninstalling left the data alone'
held 'uninstalled; the data stays'
touch "$out/passed"
