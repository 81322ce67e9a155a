import { findNginx, startNginx, type TestNginx } from '@scriptmesh/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Mesh, type TestScript } from './support/mesh.js';
import { runCli, until } from './support/program.js';

/** Prints, is silent until the test allows it to go on, prints again. */
const HELD: TestScript = {
  file: 'held.sh',
  text: '#!/bin/sh\necho first\nwhile [ ! -e "$(dirname "$0")/../go-$SM_RUN_ID" ]; do sleep 0.05; done\necho second\necho aside >&2\n',
};
const SILENT: TestScript = { file: 'silent.sh', text: '#!/bin/sh\necho first\nsleep 30\necho second\n' };

const found = findNginx();
const reason = 'missing' in found ? ` (skipped: ${found.missing})` : '';

/** What one connection has brought so far. */
class Follower {
  text = '';
  readonly ended: Promise<void>;

  constructor(mesh: Mesh, url: string, id: string, accept: string) {
    this.ended = this.#read(`${url}/api/v1/runs/${id}/output`, { 'x-api-key': mesh.mainKey, accept });
  }

  count(sign: string | RegExp): number {
    return this.text.split(sign).length - 1;
  }

  async #read(url: string, headers: Record<string, string>): Promise<void> {
    const answer = await fetch(url, { headers });
    const decoder = new TextDecoder();
    for await (const part of answer.body ?? []) this.text += decoder.decode(part as Uint8Array, { stream: true });
  }
}

const dataOf = (text: string): string =>
  [...text.matchAll(/^event: output\ndata: (.*)$/gm)]
    .map(([, data]) => JSON.parse(data as string) as { stream: string; text: string })
    .filter(({ stream }) => stream === 'stdout')
    .map((piece) => piece.text)
    .join('');

describe.skipIf(reason !== '')(`live output through nginx with its buffering on${reason}`, () => {
  const mesh = new Mesh();
  let nginx: TestNginx | undefined;

  const openNginx = async (readTimeout: string): Promise<TestNginx> =>
    (nginx = await startNginx({ target: mesh.url, directives: [`proxy_read_timeout ${readTimeout}`] }));
  const cliThrough = (url: string, ...words: string[]) =>
    runCli(words, { ORCHESTRATOR_URL: url, SCRIPT_MESH_API_KEY: mesh.mainKey });
  afterEach(async () => {
    await nginx?.stop();
    nginx = undefined;
  });

  describe('that says each second that it is alive', () => {
    beforeAll(() => mesh.start([HELD, SILENT], { orchestrator: { SCRIPT_MESH_STREAM_KEEP_ALIVE_SECONDS: '1' } }));

    it.each([
      ['events', 'text/event-stream', /^:$/m, 'event: end\n'],
      ['lines', 'application/x-ndjson', /^$/m, '"event":"end"'],
    ])(
      'as %s: the first line at once, longer silence than nginx bears, all bytes once',
      async (_name, accept, sign, end) => {
        const { url, log } = await openNginx('2s');
        const { id } = await mesh.askForRun('held');
        const follower = new Follower(mesh, url, id, accept);
        await until('the first line', () => follower.text.includes('first'));
        expect(await mesh.getRun(id)).toMatchObject({ state: 'running', stdoutBytes: 6 });
        const before = follower.count(sign);
        await until('a silence of four seconds', () => follower.count(sign) >= before + 4);
        expect(follower.text).not.toContain('second');
        mesh.touchInAgentHome(`go-${id}`);
        await follower.ended;
        expect(follower.count('first\\n')).toBe(1);
        expect(follower.count('second\\n')).toBe(1);
        expect(follower.count('aside\\n')).toBe(1);
        expect(follower.text).toContain(end);
        expect(log()).not.toContain('timed out');
      },
    );

    it('for a caller who prefers to wait: the bytes that come while nginx waits', async () => {
      const { url } = await openNginx('10s');
      const { id } = await mesh.askForRun('held');
      await until('the first line', async () => (await mesh.getRun(id)).stdoutBytes === 6);
      const headers = { 'x-api-key': mesh.mainKey, prefer: 'wait=8' };
      const next = fetch(`${url}/api/v1/runs/${id}/output?offset=6`, { headers });
      mesh.touchInAgentHome(`go-${id}`);
      const answer = await next;
      expect([answer.status, await answer.text()]).toEqual([200, 'second\n']);
      expect(answer.headers.get('output-next-offset')).toBe('13');
    });

    it('that nginx cuts is taken up again by the command line, without a byte lost or repeated', async () => {
      const { url, log } = await openNginx('500ms');
      const { id } = await mesh.askForRun('held');
      await mesh.waitForState(id, 'running');
      const followed = cliThrough(url, 'runs', 'output', '-f', id);
      await until('nginx to cut the connection twice', () => log().split('upstream timed out').length > 2);
      mesh.touchInAgentHome(`go-${id}`);
      expect(await followed).toMatchObject({ code: 0, stdout: 'first\nsecond\n', stderr: 'aside\n' });
    });
  });

  describe('with the figures of a real installation', () => {
    beforeAll(async () => {
      await mesh.orchestrator.stop();
      await mesh.startOrchestrator();
    });

    it('30 s of silence under a read timeout of 10 s break no connection', async () => {
      const { url, log } = await openNginx('10s');
      const { id } = await mesh.askForRun('silent');
      const follower = new Follower(mesh, url, id, 'text/event-stream');
      const followed = cliThrough(url, 'runs', 'output', '-f', id);
      await until('the first line', () => follower.text.includes('first'));
      expect(await mesh.getRun(id)).toMatchObject({ state: 'running', stdoutBytes: 6 });
      await follower.ended;
      expect(dataOf(follower.text)).toBe('first\nsecond\n');
      expect(follower.text).toContain('event: end\n');
      expect(follower.count(/^:$/m)).toBeGreaterThanOrEqual(5);
      expect(await followed).toMatchObject({ code: 0, stdout: 'first\nsecond\n', stderr: '' });
      expect(log()).not.toContain('timed out');
    });
  });

  afterAll(() => mesh.stop());
});
