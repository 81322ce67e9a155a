import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { KeptLog, runIdOf } from '../../../test-support/agent-home.js';
import type { FromSupervisor, ToSupervisor } from '../../../supervisor/index.js';
import type { EndRecord } from '../../journal/index.js';
import type { StartOrder } from './script-starter.js';
import { SupervisorStarter } from './supervisor-starter.js';

const RUN = runIdOf(1);
const LOST: EndRecord = { kind: 'lost', started: true, why: 'a test' };

class FakeLink {
  isUp = false;
  readonly sent: ToSupervisor[] = [];
  onWelcome: (welcome: Extract<FromSupervisor, { kind: 'welcome' }>) => void = () => undefined;
  onMessage: (message: FromSupervisor) => void = () => undefined;
  onLost: () => void = () => undefined;
  begin(): void {}
  async close(): Promise<void> {}
  send(message: ToSupervisor): void {
    this.sent.push(message);
  }
  comeUp(version = 'v1', running = 0): void {
    this.isUp = true;
    this.onWelcome({ kind: 'welcome', protocol: 1, version, running });
  }
  breakDown(): void {
    this.isUp = false;
    this.onLost();
  }
  kinds(): readonly string[] {
    return this.sent.map(({ kind }) => kind);
  }
}

describe('the way to the supervisor', () => {
  let spool: string;
  let link: FakeLink;
  let clock: MovedClock;
  let starter: SupervisorStarter;
  let ends: [RunId, EndRecord][];
  let outOfSight: RunId[];

  const order = (runId = RUN): StartOrder => {
    const folder = join(spool, runId);
    mkdirSync(folder, { recursive: true });
    const limits = { timeoutMs: 1000, killGraceMs: 100, outputMaxBytes: 1000 };
    return {
      runId,
      folder,
      argv: ['/bin/true'],
      cwd: spool,
      env: {},
      checked: { file: '/bin/true', version: '1' },
      ...limits,
    };
  };
  const outcomeOf = (start: Promise<void>): Promise<string> =>
    start.then(
      () => 'known',
      () => 'unknown',
    );
  const running = async (runId = RUN): Promise<void> => {
    const start = starter.start(order(runId));
    link.onMessage({ kind: 'started', runId });
    await start;
  };

  beforeEach(() => {
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-way-'));
    link = new FakeLink();
    clock = new MovedClock();
    starter = new SupervisorStarter(link, 'v1', clock, new KeptLog());
    ends = [];
    outOfSight = [];
    starter.onEnd((runId, end) => ends.push([runId, end]));
    starter.onOutOfSight((runId) => outOfSight.push(runId));
  });
  afterEach(() => rmSync(spool, { recursive: true, force: true }));

  it('holds a start back until there is a supervisor, and then sends it once', async () => {
    const start = starter.start(order());
    expect(link.sent).toEqual([]);
    expect(starter.isRunning(RUN)).toBe(true);
    link.comeUp();
    expect(link.sent).toEqual([{ kind: 'start', order: order() }]);
    link.onMessage({ kind: 'started', runId: RUN });
    expect(await outcomeOf(start)).toBe('known');
    link.breakDown();
    link.comeUp();
    expect(link.kinds()).toEqual(['start']);
  });

  it('never sends a start again whose answer did not come: its fate is unknown', async () => {
    link.comeUp();
    const start = starter.start(order());
    link.breakDown();
    expect(await outcomeOf(start)).toBe('unknown');
    link.comeUp();
    expect(link.kinds()).toEqual(['start']);
    expect([starter.isRunning(RUN), ends]).toEqual([false, []]);
  });

  it.each(['no supervisor comes for 30 s', 'the agent stops'])(
    'ends a start that was never sent as not started when %s',
    async (why) => {
      const start = starter.start(order());
      if (why === 'the agent stops') await starter.close();
      else await clock.advance(30_000);
      expect(await outcomeOf(start)).toBe('known');
      expect(ends).toMatchObject([[RUN, { kind: 'spawnFailed', code: 'run/start-failed' }]]);
      expect(JSON.parse(readFileSync(join(spool, RUN, 'end'), 'utf8'))).toEqual(ends[0]?.[1]);
      link.comeUp();
      expect(link.sent).toEqual([]);
    },
  );

  it('says which runs went out of sight when the supervisor is gone', async () => {
    link.comeUp();
    await running(RUN);
    await running(runIdOf(2));
    link.onMessage({ kind: 'ended', runId: runIdOf(2), end: LOST as never });
    link.breakDown();
    expect(outOfSight).toEqual([RUN]);
    expect(starter.isRunning(RUN)).toBe(false);
  });

  it('does not take a run for running whose end came before the answer to its start', async () => {
    link.comeUp();
    const start = starter.start(order());
    link.onMessage({ kind: 'ended', runId: RUN, end: LOST as never });
    link.onMessage({ kind: 'started', runId: RUN });
    expect(await outcomeOf(start)).toBe('known');
    expect(starter.isRunning(RUN)).toBe(false);
    expect(ends).toEqual([[RUN, LOST]]);
  });

  it('asks for the fate of a run, and tells of the output that it has', async () => {
    const told: unknown[] = [];
    starter.onOutput((...what) => told.push(what));
    await expect(starter.resume(order())).rejects.toThrow('no connection');
    link.comeUp();
    const answer = starter.resume(order());
    link.onMessage({ kind: 'running', runId: RUN, lengths: { stdout: 5, stderr: 7 } });
    expect(await answer).toEqual({ kind: 'running' });
    expect(starter.isRunning(RUN)).toBe(true);
    expect(told).toEqual([
      [RUN, 'stdout', 5],
      [RUN, 'stderr', 7],
    ]);
  });

  it('keeps the wish to kill a run until it can be said, also to another supervisor', async () => {
    const start = starter.start(order());
    starter.kill(RUN, 'cancelled');
    link.comeUp();
    expect(link.kinds()).toEqual(['start', 'kill']);
    link.breakDown();
    expect(await outcomeOf(start)).toBe('unknown');
    link.comeUp();
    void starter.resume(order());
    link.onMessage({ kind: 'running', runId: RUN, lengths: { stdout: 0, stderr: 0 } });
    expect(link.sent.at(-1)).toEqual({ kind: 'kill', runId: RUN, why: 'cancelled' });
  });

  it('replaces a supervisor of another version when nothing runs, and sends it nothing meanwhile', async () => {
    link.comeUp('v0', 1);
    await running();
    expect(link.kinds()).toEqual(['start']);
    link.onMessage({ kind: 'ended', runId: RUN, end: LOST as never });
    expect(link.kinds()).toEqual(['start', 'retire']);
    const held = starter.start(order(runIdOf(2)));
    link.breakDown();
    expect(link.kinds()).toEqual(['start', 'retire']);
    link.comeUp('v1');
    expect(link.kinds()).toEqual(['start', 'retire', 'start']);
    link.onMessage({ kind: 'started', runId: runIdOf(2) });
    expect(await outcomeOf(held)).toBe('known');
  });

  it('uses a supervisor of another version that stays, because it has runs', async () => {
    link.comeUp('v0');
    const held = starter.start(order());
    expect(link.kinds()).toEqual(['retire']);
    link.onMessage({ kind: 'staying' });
    expect(link.kinds()).toEqual(['retire', 'start']);
    link.onMessage({ kind: 'started', runId: RUN });
    expect(await outcomeOf(held)).toBe('known');
  });
});
