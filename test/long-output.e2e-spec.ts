import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';
import { killSupervisor } from './support/supervisor.js';

const KEPT = 200_000;
const TAIL = 64 * 1024;
const HOME = 'home="$(dirname "$0")/.."\n';
/** 3 MB of lines on stdout, a little more than is kept on stderr; says why it failed at the very end of both. */
const SAID = `${Array.from({ length: 450_000 }, (_, index) => `${index + 1}\n`).join('')}boom\n`;
const ASIDE = `${Array.from({ length: 40_000 }, (_, index) => `${index + 1}\n`).join('')}why: no disk\n`;
const LONG: TestScript = {
  file: 'long.sh',
  text: '#!/bin/sh\nseq 1 450000\necho boom\nseq 1 40000 >&2\necho "why: no disk" >&2\nexit 3\n',
};
/** The same, with a rest in the middle until there is a file `go`. */
const RESTING: TestScript = {
  file: 'resting.sh',
  text: `#!/bin/sh\n${HOME}seq 1 300000\n: > "$home/rests"\nwhile [ ! -e "$home/go" ]; do sleep 0.05; done\nseq 300001 450000\necho boom\nexit 3\n`,
};

describe('an output of which more is written than is kept', () => {
  let mesh: Mesh;
  beforeEach(() => {
    mesh = new Mesh();
  });
  afterEach(() => mesh.stop());

  const start = (limits: { agent: number; orchestrator?: number }): Promise<void> => {
    const limit = (bytes: number) => ({ SCRIPT_MESH_OUTPUT_MAX_BYTES: String(bytes) });
    const { agent, orchestrator } = limits;
    return mesh.start([LONG, RESTING], {
      agent: limit(agent),
      ...(orchestrator === undefined ? {} : { orchestrator: limit(orchestrator) }),
    });
  };

  /** Bytes from an offset on, and where they say that it goes on. */
  async function read(id: string, offset: number, stream = 'stdout') {
    const answer = await mesh.call('GET', `/api/v1/runs/${id}/output?stream=${stream}&offset=${offset}`);
    const place = ['output-next-offset', 'output-gap', 'output-final'].map((name) => answer.headers.get(name));
    return { text: await answer.text(), place };
  }

  async function expectHeadAndTail(id: string, head: number): Promise<void> {
    const [beginning, end] = [await read(id, 0), await read(id, SAID.length - TAIL)];
    expect(beginning.text === SAID.slice(0, head)).toBe(true);
    const missing = SAID.length - TAIL - head;
    expect(beginning.place).toEqual([String(SAID.length - TAIL), String(missing), 'false']);
    expect(end.text === SAID.slice(-TAIL)).toBe(true);
    expect(end.place).toEqual([String(SAID.length), null, 'true']);
  }

  it('has its beginning and its end, byte for byte, in every form', async () => {
    await start({ agent: KEPT });
    const { id } = await mesh.askForRun('long');
    expect(await mesh.waitForState(id, 'failed')).toMatchObject({ exitCode: 3, truncated: true, stdoutBytes: KEPT });
    await expectHeadAndTail(id, KEPT);
    // What is only a little over the limit is there from its beginning to its end.
    expect((await read(id, 0, 'stderr')).text === ASIDE).toBe(true);

    const live = await mesh.call('GET', `/api/v1/runs/${id}/output`, undefined, { accept: 'application/x-ndjson' });
    const values = (await live.text())
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Piece);
    const missing = SAID.length - TAIL - KEPT;
    const said = values.filter(({ stream }) => stream === 'stdout');
    const gap = said.findIndex(({ event }) => event === 'gap');
    expect(said[gap]).toEqual({ event: 'gap', stream: 'stdout', offset: SAID.length - TAIL, missing });
    expect(textOf(said.slice(0, gap)) === SAID.slice(0, KEPT)).toBe(true);
    expect(textOf(said.slice(gap + 1)) === SAID.slice(-TAIL)).toBe(true);
    expect(values.at(-1)).toMatchObject({ event: 'end' });

    const told = await mesh.cli('runs', 'output', id, '--stream', 'stdout');
    expect(told.stdout === SAID.slice(0, KEPT) + SAID.slice(-TAIL)).toBe(true);
    expect(told.stderr).toMatch(`scriptmesh: ${missing} bytes are missing here`);
    expect((await mesh.cli('runs', 'explain', id)).stdout).toContain(`Of stdout ${missing} bytes are missing`);

    const run = await mesh.cli('run', 'long', '-a', AGENT_NAME);
    expect(run.code).toBe(3);
    expect(run.stdout.endsWith('boom\n')).toBe(true);
    expect(run.stderr).toContain('why: no disk\n');
  });

  it('has them also when its agent was killed in the middle', async () => {
    await start({ agent: KEPT });
    const { id } = await mesh.askForRun('resting');
    await until('the middle', () => existsSync(join(mesh.agentHome, 'rests')));
    mesh.agent.kill('SIGKILL');
    await mesh.agent.ended;
    mesh.touchInAgentHome('go');
    await mesh.startAgent({ SCRIPT_MESH_OUTPUT_MAX_BYTES: String(KEPT) });
    expect(await mesh.waitForState(id, 'failed')).toMatchObject({ exitCode: 3, truncated: true });
    await expectHeadAndTail(id, KEPT);
  });

  it('has its beginning only, and says nothing of an end, when its supervisor was killed in the middle', async () => {
    await start({ agent: KEPT });
    const { id } = await mesh.askForRun('resting');
    await until('the middle', () => existsSync(join(mesh.agentHome, 'rests')));
    // What was taken from the pipe is in the file; a flow that has come to rest is no hole.
    await until('the rest', () => !existsSync(join(mesh.agentHome, 'spool', id, 'stdout.flowing')));
    await killSupervisor(mesh.agentHome);
    mesh.touchInAgentHome('go');
    expect(await mesh.waitForState(id, 'lost')).toMatchObject({ executed: 'yes' });
    await until('the beginning', async () => (await mesh.getRun(id)).stdoutBytes === KEPT);
    const { text, place } = await read(id, 0);
    expect(text === SAID.slice(0, KEPT)).toBe(true);
    expect(place).toEqual([String(KEPT), null, 'true']);
  });

  it('has them also when it is the orchestrator that keeps less', async () => {
    await start({ agent: 100_000_000, orchestrator: 50_000 });
    const { id } = await mesh.askForRun('long');
    expect(await mesh.waitForState(id, 'failed')).toMatchObject({ exitCode: 3, truncated: true });
    await expectHeadAndTail(id, 50_000);
  });
});

interface Piece {
  readonly event?: string;
  readonly stream?: string;
  readonly text?: string;
}

const textOf = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text ?? '').join('');
