import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { isAlive, type ProcessIdentity } from './process-identity.js';
import { StartedScripts } from './test-support/started-scripts.js';

const hasProc = existsSync('/proc/self/environ');

describe('a script that is ended from outside', () => {
  let clock: MovedClock;
  let scripts: StartedScripts;
  beforeEach(() => {
    clock = new MovedClock();
    scripts = new StartedScripts(clock);
  });
  afterEach(() => scripts.remove());

  it('gets TERM at its time limit, and the limit is the reason', async () => {
    const order = await scripts.start('echo begun; exec sleep 60', { timeoutMs: 10_000 });
    await scripts.wrote(order, 6);
    await clock.advance(9_999);
    expect(scripts.host.isRunning(order.runId)).toBe(true);
    await clock.advance(1);
    expect(await scripts.ended(order)).toMatchObject({
      code: null,
      signal: 'SIGTERM',
      killedBy: 'timed_out',
      durationMs: 10_000,
    });
  });

  it('keeps its time limit when the wall clock jumps by a day, and when the limit is longer than a timer takes', async () => {
    const order = await scripts.start('exec sleep 60', { timeoutMs: 40 * 86_400_000 });
    clock.jumpWallClock(86_400_000);
    await clock.advance(39 * 86_400_000);
    expect(scripts.host.isRunning(order.runId)).toBe(true);
    await clock.advance(86_400_000);
    expect(await scripts.ended(order)).toMatchObject({ killedBy: 'timed_out' });
  });

  it('may tidy up and end by itself within the grace', async () => {
    const order = await scripts.start('trap "echo tidy; exit 4" TERM; echo begun; while :; do sleep 0.01; done');
    await scripts.wrote(order, 6);
    scripts.host.kill(order.runId, 'cancelled');
    expect(await scripts.ended(order)).toMatchObject({ code: 4, signal: null, killedBy: 'cancelled' });
    expect(scripts.output(order)).toBe('begun\ntidy\n');
  });

  it('is killed after the grace when it ignores TERM', async () => {
    const order = await scripts.start('trap "" TERM; echo begun; while :; do sleep 0.01; done', { killGraceMs: 5_000 });
    await scripts.wrote(order, 6);
    scripts.host.kill(order.runId, 'cancelled');
    await clock.advance(4_999);
    expect(scripts.host.isRunning(order.runId)).toBe(true);
    await clock.advance(1);
    expect(await scripts.ended(order)).toMatchObject({ signal: 'SIGKILL', killedBy: 'cancelled' });
  });

  it('is ended by its time limit when it has stopped itself', async () => {
    const order = await scripts.start('echo begun; kill -STOP $$', { timeoutMs: 1_000 });
    await scripts.wrote(order, 6);
    await clock.advance(1_000);
    expect(await scripts.ended(order)).toMatchObject({ signal: 'SIGTERM', killedBy: 'timed_out' });
  });

  it.skipIf(!hasProc)('is ended by its time limit when only its first thread has ended', async () => {
    writeFileSync(join(scripts.spool, 'threads.py'), OUTLIVES_ITS_FIRST_THREAD);
    const order = await scripts.start('exec python3 threads.py', { timeoutMs: 60_000 });
    await scripts.wrote(order, 6);
    await clock.advance(60_000);
    expect(await scripts.ended(order)).toMatchObject({ signal: 'SIGTERM', killedBy: 'timed_out' });
  });

  it('keeps the first reason', async () => {
    const order = await scripts.start('trap "" TERM; echo begun; while :; do sleep 0.01; done', {
      timeoutMs: 1_000,
      killGraceMs: 100,
    });
    await scripts.wrote(order, 6);
    scripts.host.kill(order.runId, 'cancelled');
    await clock.advance(1_000);
    expect(await scripts.ended(order)).toMatchObject({ killedBy: 'cancelled' });
  });

  it('takes its children with it', async () => {
    const order = await scripts.start('sleep 60 & echo $!; wait');
    await scripts.wrote(order, 2);
    const child = Number(scripts.output(order));
    scripts.host.kill(order.runId, 'cancelled');
    await scripts.ended(order);
    await expect.poll(() => isGone(child)).toBe(true);
  });

  it('sends one TERM to each process, for a second one makes some give up tidying', async () => {
    // Node, since a shell sees two signals that come close together as one.
    writeFileSync(join(scripts.spool, 'child.mjs'), COUNTS_TERMS);
    const text = `"${process.execPath}" child.mjs & trap 'wait; exit 0' TERM; wait`;
    const order = await scripts.start(text, { killGraceMs: 86_400_000 });
    await scripts.wrote(order, 6);
    scripts.host.kill(order.runId, 'cancelled');
    // The second word within a moment waits on the clock.
    while ((scripts.told(order) ?? 0) < 11) await clock.advance(20);
    writeFileSync(join(scripts.spool, 'go'), '');
    while (scripts.host.isRunning(order.runId)) await clock.advance(1);
    expect(scripts.output(order)).toBe('begun\nterm\n');
  });

  it.skipIf(!hasProc)('takes a child with it that has left for a session of its own', async () => {
    const order = await scripts.start(
      'setsid sh -c "echo \\$\\$; trap \\"\\" TERM; while :; do sleep 0.01; done" & wait',
    );
    await scripts.wrote(order, 2);
    const child = Number(scripts.output(order));
    scripts.host.kill(order.runId, 'cancelled');
    // Every look for what is left over waits on the clock, and so does the KILL.
    while (scripts.host.isRunning(order.runId)) await clock.advance(50);
    expect(await scripts.ended(order)).toMatchObject({ killedBy: 'cancelled' });
    // The last KILL is not waited for.
    await expect.poll(() => isGone(child)).toBe(true);
  });

  it.skipIf(!hasProc)(
    'ends two seconds after its exit though a background child holds the pipe, and the child goes on',
    async () => {
      const order = await scripts.start('sleep 60 & echo $!');
      await scripts.wrote(order, 2);
      const { pid } = scripts.record(order, 'pid') as ProcessIdentity;
      const child = Number(scripts.output(order));
      // Gone for good, that is, waited for by the starter, and not only dead.
      while (existsSync(`/proc/${pid}`)) await clock.advance(0);
      await clock.advance(0);
      await clock.advance(1_999);
      expect(scripts.host.isRunning(order.runId)).toBe(true);
      await clock.advance(1);
      expect(await scripts.ended(order)).toMatchObject({
        code: 0,
        signal: null,
        killedBy: null,
        lengths: { stdout: scripts.output(order).length },
      });
      expect(isGone(child)).toBe(false);
      process.kill(child, 'SIGKILL');
    },
  );

  it('is left alone when it has ended already', async () => {
    const { order, end } = await scripts.run('exit 0');
    scripts.host.kill(order.runId, 'cancelled');
    expect(end).toMatchObject({ code: 0, killedBy: null });
  });

  it('ends without a reason of its own when the agent stops, and is on record then', async () => {
    const order = await scripts.start('echo begun; exec sleep 60');
    await scripts.wrote(order, 6);
    await scripts.host.stop();
    expect(scripts.record(order, 'end')).toMatchObject({ signal: 'SIGTERM', killedBy: null });
    const late = scripts.order(['/bin/true']);
    await scripts.host.start(late);
    expect(scripts.record(late, 'end')).toMatchObject({ kind: 'spawnFailed' });
  });

  it.skipIf(!hasProc)('leaves no zombie, descriptor or timer behind, however it ended', async () => {
    await scripts.run('true');
    await expect.poll(() => openBelow(scripts.spool)).toEqual([]);
    const before = new Set(openDescriptors());
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, index) => scripts.start(index % 2 ? 'echo x' : 'exec sleep 60')),
    );
    for (const order of runs) scripts.host.kill(order.runId, 'cancelled');
    await Promise.all(runs.map((order) => scripts.ended(order)));
    await scripts.host.start(scripts.order(['/nowhere']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.waitingTimers).toBe(0);
    // Ends are told before they are durable.
    await expect.poll(() => openBelow(scripts.spool)).toEqual([]);
    // What other specs have left over may close meanwhile.
    await expect.poll(() => openDescriptors().filter((target) => !before.has(target))).toEqual([]);
    await expect.poll(findZombies).toEqual([]);
    for (const order of runs) expect(isAlive(scripts.record(order, 'pid') as ProcessIdentity)).toBe(false);
  });
});

/** Ends when it has seen the file `go`. */
/** Says so once its first thread is a zombie. */
const OUTLIVES_ITS_FIRST_THREAD = `
import ctypes, os, threading, time
def live():
    while open('/proc/self/stat').read().rsplit(')', 1)[1].split()[0] != 'Z': time.sleep(0.01)
    os.write(1, b'begun\\n')
    time.sleep(60)
threading.Thread(target=live).start()
ctypes.CDLL(None).pthread_exit(None)
`;
const COUNTS_TERMS = `
import { existsSync } from 'node:fs';
process.on('SIGTERM', () => console.log('term'));
console.log('begun');
setInterval(() => existsSync('go') && process.exit(), 10);
`;

/** True for a zombie, too: one whose parent has gone is reaped by whoever is the first process here, or never. */
function isGone(pid: number): boolean {
  try {
    return stateOf(pid) === 'Z';
  } catch {
    return true;
  }
}

function stateOf(pid: number): string | undefined {
  const text = readFileSync(join('/proc', String(pid), 'stat'), 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[0];
}

/** Files below a folder that this process has open. */
const openBelow = (folder: string): readonly string[] =>
  openDescriptors().filter((target) => target.startsWith(folder));

/** What they stand for; those of pipes and sockets are told apart by their inodes. */
function openDescriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // It was the one for listing.
      return [];
    }
  });
}

function findZombies(): readonly string[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').filter((pid) => stateOf(Number(pid)) === 'Z');
}
