/**
 * Stands in for an agent of ScriptMesh 0.2, as docs/specs/legacy-wire.md describes it: registers once, then answers its
 * three calls. A script is started with /bin/sh; there is no journal, no time limit and no cancel.
 * Environment: SCRIPT_MESH_AGENT_KEY, SCRIPT_MESH_MAIN_KEY, ORCHESTRATOR_URL, AGENT_NAME, SCRIPTS (a folder with
 * script_manifest.json), PORT (0). A script named `hang-up` breaks the connection after it was started.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const { SCRIPT_MESH_AGENT_KEY, SCRIPT_MESH_MAIN_KEY, ORCHESTRATOR_URL, AGENT_NAME, SCRIPTS, PORT = '0' } = process.env;

const send = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const manifest = () => JSON.parse(readFileSync(join(SCRIPTS, 'script_manifest.json'), 'utf8'));

const ROUTES = {
  'GET /heartbeat': (_, response) =>
    send(response, 200, {
      status: 'alive',
      timestamp: new Date().toISOString().replace('Z', '000+00:00'),
      agent: AGENT_NAME,
      uptime: '0h 21m',
    }),
  'GET /get-scripts': (_, response) => send(response, 200, manifest()),
  'POST /run-script': async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    runScript(JSON.parse(Buffer.concat(parts).toString('utf8')).script_name, request, response);
  },
};

function runScript(name, request, response) {
  const entry = manifest().scripts.find((script) => script.name === name);
  if (!entry) return send(response, 404, { detail: 'Script not found in manifest' });
  const file = join(SCRIPTS, entry.path);
  if (!existsSync(file)) return send(response, 404, { detail: 'Script file missing on disk' });
  appendFileSync(join(SCRIPTS, 'starts'), `${name}\n`);
  if (name === 'hang-up') return request.socket.destroy();
  const child = spawn('/bin/sh', [file]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  child.on('close', (code, signal) => {
    const returncode = signal === null ? code : -9;
    if (returncode === 0) {
      const output = { stdout: stdout.trim(), stderr: stderr.trim(), returncode };
      return send(response, 200, { status: 'success', script: name, output });
    }
    send(response, 500, { error: 'Script execution failed', script: name, stderr: stderr.trim(), returncode });
  });
}

const server = createServer((request, response) => {
  if (request.headers['x-api-key'] !== SCRIPT_MESH_AGENT_KEY) {
    return send(response, 401, { detail: 'Unauthorized: Invalid or missing API key' });
  }
  const route = ROUTES[`${request.method} ${request.url}`];
  if (!route) return send(response, 404, { detail: 'Not Found' });
  void route(request, response);
});

// 0.2 registers before it listens; its port is known beforehand, so here the two change places without a request between.
server.listen(Number(PORT), '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const answer = await fetch(`${ORCHESTRATOR_URL}/register-agent`, {
    method: 'POST',
    headers: { 'x-api-key': SCRIPT_MESH_MAIN_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ agent_name: AGENT_NAME, url, api_key: SCRIPT_MESH_AGENT_KEY }),
    signal: AbortSignal.timeout(5000),
  });
  process.stderr.write(`${JSON.stringify(await answer.json())}\n`);
  process.stdout.write(`0.2 agent ready on ${url}\n`);
});
