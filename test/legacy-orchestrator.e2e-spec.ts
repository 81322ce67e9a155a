/** docs/specs/legacy-wire.md, row by row: our orchestrator as 0.2's controllers and cron lines see it, with our agent behind it. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';

const SCRIPTS: readonly TestScript[] = [
  { file: 'hello_world.sh', text: '#!/bin/sh\nprintf "\\n  Grüße aus dem Netz \\r\\nzwei\\n\\n"\n' },
  { file: 'fail.sh', text: '#!/bin/sh\necho lost\necho "boom on stderr" >&2\nexit 3\n' },
  { file: 'shot.sh', text: '#!/bin/sh\nkill -9 $$\n' },
  { file: 'vanished.sh', text: '#!/bin/sh\n' },
  { file: 'wait.sh', text: '#!/bin/sh\necho x >> wait.starts\nwhile [ ! -e go ]; do sleep 0.05; done\n' },
];
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}`;

describe('the 0.2 wire of the orchestrator', () => {
  const mesh = new Mesh();
  beforeAll(async () => {
    await mesh.start(SCRIPTS);
    rmSync(join(mesh.agentHome, 'scripts/vanished.sh'));
  });
  afterAll(() => mesh.stop());

  /** Status, type and body as they are. */
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await mesh.call(method, path, body, headers);
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  const json = (status: number, text: string) => ({ status, type: 'application/json', text });
  const trigger = (script: string, agent = AGENT_NAME) => ask('POST', '/trigger-script', { run_script: script, agent });

  it.each(['/health', '/get-agents', '/agent-status', '/get-scripts?agent=x', '/read?filename=a', '/no-such-path'])(
    'answers 401 without the key on %s',
    async (path) => {
      expect(await ask('GET', path, undefined, { 'x-api-key': 'wrong' })).toEqual(
        json(401, '{"detail":"Unauthorized"}'),
      );
    },
  );

  it.each(['/', '/docs', '/openapi.json'])('leaves %s open', async (path) => {
    expect((await fetch(mesh.url + path)).status).toBe(200);
  });

  it('answers 404 and 405 in the words of 0.2', async () => {
    expect(await ask('GET', '/no-such-path')).toEqual(json(404, '{"detail":"Not Found"}'));
    expect(await ask('GET', '/trigger-script')).toEqual(json(405, '{"detail":"Method Not Allowed"}'));
  });

  it('GET /health', async () => {
    const { text, ...rest } = await ask('GET', '/health');
    expect(rest).toEqual({ status: 200, type: 'application/json' });
    expect(text).toMatch(
      new RegExp(
        String.raw`^\{"status":"orchestrator_alive","timestamp":"${TIME}\+00:00","uptime_seconds":\d+,"registered_agents":1\}$`,
      ),
    );
  });

  it('GET /get-agents', async () => {
    const { text } = await ask('GET', '/get-agents');
    expect(text).toMatch(
      new RegExp(String.raw`^\{"${AGENT_NAME}":\{"url":"${mesh.agentUrl}","last_seen":"${TIME}"\}\}$`),
    );
  });

  it('GET /agent-status', async () => {
    const { text } = await ask('GET', '/agent-status');
    expect(text).toMatch(
      new RegExp(
        String.raw`^\{"${AGENT_NAME}":\{"url":"${mesh.agentUrl}","last_seen":"${TIME}","status":"online","last_checked":"${TIME}"\}\}$`,
      ),
    );
  });

  it('GET /get-scripts', async () => {
    const scripts = SCRIPTS.map(({ file }) => ({ name: file.slice(0, -3), path: `scripts/${file}` }));
    expect(await ask('GET', `/get-scripts?agent=${AGENT_NAME}`)).toEqual(json(200, JSON.stringify({ scripts })));
    expect(await ask('GET', '/get-scripts?agent=nobody')).toEqual(json(400, '{"detail":"Invalid agent specified"}'));
    expect(await ask('GET', '/get-scripts')).toEqual(
      json(422, '{"detail":[{"type":"missing","loc":["query","agent"],"msg":"Field required","input":null}]}'),
    );
  });

  it.each([{ run_script: 'hello_world' }, { script: 'hello_world' }])(
    'POST /trigger-script of a script that succeeds, with the body %j and fields that nobody knows',
    async (body) => {
      const answer = await ask('POST', '/trigger-script', { ...body, agent: AGENT_NAME, unknown: [1] });
      expect(answer).toEqual(
        json(
          200,
          `{"status":"success","agent":"${AGENT_NAME}","output":{"status":"success","script":"hello_world","output":{"stdout":"Grüße aus dem Netz \\nzwei","stderr":"","returncode":0}}}`,
        ),
      );
    },
  );

  it('POST /trigger-script of a script that fails, or is killed by a signal', async () => {
    expect(await trigger('fail')).toEqual(
      json(
        500,
        String.raw`{"detail":"Agent unreachable: 500: {\"error\":\"Script execution failed\",\"script\":\"fail\",\"stderr\":\"boom on stderr\",\"returncode\":3}"}`,
      ),
    );
    expect((await trigger('shot')).text).toContain(String.raw`\"returncode\":-9}`);
  });

  it('POST /trigger-script of what is not there', async () => {
    expect(await trigger('hello_world', 'nobody')).toEqual(json(400, '{"detail":"Invalid agent specified"}'));
    const notFound = json(500, '{"detail":"Agent unreachable: 404: Script not found in manifest"}');
    expect(await trigger('nothing')).toEqual(notFound);
    expect(await trigger('../../etc/passwd')).toEqual(notFound);
    expect(await trigger('__proto__')).toEqual(notFound);
    expect(await trigger('vanished')).toEqual(
      json(500, '{"detail":"Agent unreachable: 404: Script file missing on disk"}'),
    );
  });

  it('POST /trigger-script with a body that is not right', async () => {
    const body = { agent: AGENT_NAME };
    expect(await ask('POST', '/trigger-script', body)).toEqual(
      json(
        422,
        `{"detail":[{"type":"missing","loc":["body","run_script"],"msg":"Field required","input":{"agent":"${AGENT_NAME}"}}]}`,
      ),
    );
    expect(await ask('POST', '/trigger-script', { run_script: 5, agent: AGENT_NAME })).toEqual(
      json(
        422,
        '{"detail":[{"type":"string_type","loc":["body","run_script"],"msg":"Input should be a valid string","input":5}]}',
      ),
    );
    expect((await ask('POST', '/trigger-script')).text).toContain('"loc":["body"]');
    const broken = await fetch(`${mesh.url}/trigger-script`, {
      method: 'POST',
      headers: { 'x-api-key': mesh.mainKey, 'content-type': 'application/json' },
      body: '{"run_script":',
    });
    expect([broken.status, await broken.text()]).toEqual([422, expect.stringContaining('"type":"json_invalid"')]);
  });

  it('does not stop a run whose caller hangs up', async () => {
    const gone = new AbortController();
    const call = fetch(`${mesh.url}/trigger-script`, {
      method: 'POST',
      headers: { 'x-api-key': mesh.mainKey, 'content-type': 'application/json' },
      body: JSON.stringify({ run_script: 'wait', agent: AGENT_NAME }),
      signal: gone.signal,
    });
    await until('the start of the script', () => mesh.startsOf('wait') === 1);
    gone.abort();
    await expect(call).rejects.toThrow();
    const { items } = (await (await mesh.call('GET', '/api/v1/runs?script=wait')).json()) as {
      items: { id: string; origin: string }[];
    };
    expect(items).toMatchObject([
      { origin: 'legacy', state: expect.stringMatching(/^(dispatched|running)$/) as string },
    ]);
    mesh.touchInAgentHome('go');
    expect(await mesh.waitForState(items[0]?.id ?? '', 'succeeded')).toMatchObject({ executed: 'yes' });
  });

  it('answers at once when the agent is down, and starts nothing later', async () => {
    await mesh.agent.stop();
    const { status, text } = await trigger('hello_world');
    expect(status).toBe(500);
    expect(text).toMatch(/^\{"detail":"Agent unreachable: .*ECONNREFUSED.*"\}$/);
    expect(await ask('GET', `/get-scripts?agent=${AGENT_NAME}`)).toMatchObject({
      status: 500,
      text: expect.stringMatching(/^\{"detail":"Agent error: .*ECONNREFUSED.*"\}$/),
    });
    const { items } = (await (await mesh.call('GET', '/api/v1/runs?state=queued')).json()) as { items: unknown[] };
    expect(items).toEqual([]);
  });
});
