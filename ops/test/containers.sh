#!/usr/bin/env bash
# Builds the three images, brings the compose stack up and tries it (compose.e2e-spec.ts), with base images made of this machine's
# files, and an engine of its own where none is running: no registry of images is needed, but npm's.
# Wants root, Debian's docker.io, docker-compose, nginx and openssl, and the port 443. Further words go to vitest.
# Where no engine can be had it says so in one line and ends with 0.
# NODE_IMAGE and NGINX_IMAGE may name real images. The stand-in has the node of the PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() {
  echo "containers: skipped, $1"
  exit 0
}

state=$(mktemp -d)
engine=
end() {
  local code=$?
  [ -z "$engine" ] || ops/test/engine.sh down "$engine"
  rm -rf "$state"
  exit $code
}
trap end EXIT

for program in docker docker-compose; do
  command -v "$program" >/dev/null || skip "there is no $program"
done
if ! docker version >/dev/null 2>&1; then
  [ "$(id -u)" = 0 ] || skip 'only root can start an engine'
  PATH=$PATH:/usr/sbin command -v dockerd >/dev/null || skip 'there is no dockerd'
  said=$(ops/test/engine.sh up "$state/engine" 2>&1) || skip "$(echo "$said" | tail -n 1)"
  engine=$state/engine
  export DOCKER_HOST=$said
fi
if [ -z "${NODE_IMAGE:-}" ]; then
  export NODE_IMAGE=scriptmesh-test/node
  ops/test/stand-in-image.sh node "$NODE_IMAGE"
fi
if [ -z "${NGINX_IMAGE:-}" ]; then
  export NGINX_IMAGE=scriptmesh-test/nginx
  ops/test/stand-in-image.sh nginx "$NGINX_IMAGE"
fi

export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0}
build() { docker build --quiet --build-arg "NODE_IMAGE=$NODE_IMAGE" --target "$1" --tag "scriptmesh-$1" .; }
for target in orchestrator agent controller; do
  begun=$SECONDS
  build "$target" >"$state/build" 2>&1 || { cat "$state/build"; echo "containers: the image of the $target was not built" >&2; exit 1; }
  echo "containers: image $target built in $((SECONDS - begun)) s, $(docker image inspect --format '{{.Size}}' "scriptmesh-$target") bytes"
done
[ -e dist/controller/bundle/scriptmesh.mjs ] || npm run --silent build
npx vitest run --config ops/test/vitest.config.ts "$@"
