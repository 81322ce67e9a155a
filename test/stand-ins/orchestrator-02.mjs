/**
 * Stands in for an orchestrator of ScriptMesh 0.2, as docs/specs/legacy-wire.md describes it: takes registrations,
 * checks heartbeats when it is asked to, lists scripts and triggers them, one new connection for each call.
 * Environment: SCRIPT_MESH_MAIN_KEY, PORT (0).
 */
import { createServer, request as httpRequest } from 'node:http';

const { SCRIPT_MESH_MAIN_KEY, PORT = '0' } = process.env;
const agents = new Map();

const send = (response, status, body) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

/** Status and text of one call to an agent, on a connection of its own. */
function call({ url, api_key }, method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'x-api-key': api_key, ...(body ? { 'content-type': 'application/json' } : {}) };
    const outgoing = httpRequest(`${url}${path}`, { method, headers, agent: false }, async (incoming) => {
      let text = '';
      for await (const part of incoming) text += part;
      resolve({ status: incoming.statusCode, text });
    });
    outgoing.on('error', reject);
    outgoing.end(body && JSON.stringify(body));
  });
}

/** Failures are read from `detail`, else the raw body text. */
function reasonOf({ status, text }) {
  const { detail } = JSON.parse(text);
  return `${status}: ${detail ?? text}`;
}

async function trigger(agentName, script, response) {
  const agent = agents.get(agentName);
  if (!agent) return send(response, 400, { detail: 'Invalid agent specified' });
  try {
    const answer = await call(agent, 'POST', '/run-script', { script_name: script });
    if (answer.status !== 200) throw new Error(reasonOf(answer));
    send(response, 200, { status: 'success', agent: agentName, output: JSON.parse(answer.text) });
  } catch (error) {
    send(response, 500, { detail: `Agent unreachable: ${error.message}` });
  }
}

async function handle(request, response) {
  const url = new URL(request.url, 'http://x');
  let text = '';
  for await (const part of request) text += part;
  const body = text ? JSON.parse(text) : {};
  const route = `${request.method} ${url.pathname}`;
  if (route === 'POST /register-agent') {
    agents.set(body.agent_name, { url: body.url, api_key: body.api_key });
    return send(response, 200, { status: 'registered', agent: body.agent_name });
  }
  if (route === 'POST /trigger-script') return trigger(body.agent, body.run_script, response);
  const agent = agents.get(url.searchParams.get('agent'));
  const path = { 'GET /get-scripts': '/get-scripts', 'GET /heartbeat-of': '/heartbeat' }[route];
  if (route === 'GET /get-agents') return send(response, 200, Object.fromEntries(agents));
  if (!path) return send(response, 404, { detail: 'Not Found' });
  const answer = await call(agent, 'GET', path);
  send(response, answer.status, JSON.parse(answer.text));
}

const server = createServer((request, response) => {
  if (request.headers['x-api-key'] !== SCRIPT_MESH_MAIN_KEY) return send(response, 401, { detail: 'Unauthorized' });
  handle(request, response).catch((error) => send(response, 500, { detail: error.message }));
});
server.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(`0.2 orchestrator ready on http://127.0.0.1:${server.address().port}\n`);
});
