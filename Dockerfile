# One target for each program: docker build --target orchestrator|agent|controller . (docs/docker.md, ADR 0015).
# Readable for the builder before BuildKit, too; everything here comes from the base image, npm and Debian.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /src
COPY package.json package-lock.json ./
# A library names typescript as a peer it can do without; libsql's optional packages are its binaries, so those stay.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -rf node_modules/typescript node_modules/.bin/ts[cs]*

FROM dependencies AS build
RUN mv node_modules /production && npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run --silent build
# A checkout under a strict umask would make files that only root can read.
RUN chmod -R a+rX dist bin package.json LICENSE ops/docker

# An init that reaps what scripts leave behind and passes signals on; the base may have it already.
FROM ${NODE_IMAGE} AS init
RUN if [ ! -x /usr/bin/tini-static ]; then \
      apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*; \
    fi

# Who runs everything: uid 1000, with one folder to write to. Works with --read-only.
FROM ${NODE_IMAGE} AS runtime
COPY --from=init /usr/bin/tini-static /usr/local/bin/tini
RUN mkdir -m 700 /var/lib/scriptmesh && chown 1000:1000 /var/lib/scriptmesh
ENV NODE_ENV=production SCRIPT_MESH_HOME=/var/lib/scriptmesh
WORKDIR /app
COPY --from=build /src/LICENSE /src/package.json ./
USER 1000:1000

FROM runtime AS controller
COPY --from=build /src/bin bin
COPY --from=build /src/dist/controller/bundle dist/controller/bundle
ENV SCRIPT_MESH_HOME=/tmp
ENTRYPOINT ["tini", "--", "node", "/app/bin/scriptmesh.mjs"]

FROM runtime AS agent
COPY --from=build /src/dist/agent.mjs /src/dist/agent.LICENSES.txt ./
COPY --from=build /src/ops/docker/healthcheck.mjs /src/ops/docker/enrol-agent.mjs /src/ops/docker/run-agent.sh ./
VOLUME /var/lib/scriptmesh
# Where a port is opened at all (SCRIPT_MESH_TRANSPORT=http), others than this container have to reach it.
ENV SCRIPT_MESH_AGENT_HOST=0.0.0.0
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/app/healthcheck.mjs", "agent"]
ENTRYPOINT ["tini", "--", "sh", "/app/run-agent.sh"]

# Node 24 lets the youngest generation grow to 64 MB and never gives it back.
FROM runtime AS orchestrator
COPY --from=build /production node_modules
COPY --from=build /src/dist/orchestrator/bundle dist/orchestrator/bundle
COPY --from=build /src/ops/docker/healthcheck.mjs ./
VOLUME /var/lib/scriptmesh
ENV SCRIPT_MESH_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/app/healthcheck.mjs", "orchestrator"]
ENTRYPOINT ["tini", "--", "node", "--max-semi-space-size=8", "/app/dist/orchestrator/bundle/orchestrator.mjs"]
