#!/bin/sh
# The agent in its container. Two things a container would get wrong by itself:
# an agent that dies must not take its scripts along, so it is started again beside them; and scripts are to be ended in order
# (TERM, grace, KILL, a recorded end) when the container is stopped, since the kernel kills what is left.
set -u
home=$SCRIPT_MESH_HOME
agent=
stopping=

stop() {
  stopping=yes
  [ -z "$agent" ] || kill -TERM "$agent" 2>/dev/null
}

# Sets $code. A signal ends `wait` early, and then the agent is still there.
run_agent() {
  # Node 24 lets the youngest generation grow to 64 MB and never gives it back.
  node --max-semi-space-size=4 /app/agent.mjs "$@" &
  agent=$!
  [ -z "$stopping" ] || kill -TERM "$agent"
  while :; do
    wait "$agent"
    code=$?
    kill -0 "$agent" 2>/dev/null || break
  done
}

# The record outlives the container, so a pid in it may be another process by now.
end_scripts() {
  supervisor=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$home/spool/supervisor.json" 2>/dev/null)
  [ -n "$supervisor" ] && tr '\0' ' ' <"/proc/$supervisor/cmdline" 2>/dev/null | grep -q "$home/spool" || return 0
  kill -TERM "$supervisor" 2>/dev/null
  while kill -0 "$supervisor" 2>/dev/null; do sleep 0.1; done
}

trap stop TERM INT
run_agent "$@"
# 0: it was asked to end, or had only something to say; 78: its settings are wrong, which a restart does not mend.
while [ -z "$stopping" ] && [ "$code" != 0 ] && [ "$code" != 78 ]; do
  echo "run-agent: the agent ended with $code; its scripts go on, and it is started again" >&2
  sleep 1
  run_agent "$@"
done
end_scripts
exit "$code"
