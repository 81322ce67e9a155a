import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Caller, SupervisedSpool, type StartedProgram } from './test-support/supervisor-process.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';
import { EXIT_TAKEN } from './protocol.js';
import type { RunLimits, StartOrder } from './words.js';

const PATIENT = 'echo begun; while [ ! -e go ]; do sleep 0.02; done; echo ended; exit 6';

const limitsOf = ({ runId, folder, timeoutMs, killGraceMs, outputMaxBytes }: StartOrder): RunLimits => ({
  runId,
  folder,
  timeoutMs,
  killGraceMs,
  outputMaxBytes,
});

describe.skipIf(!existsSync('/proc/self/environ'))('the program of the supervisor', () => {
  let spool: SupervisedSpool;
  let program: StartedProgram;
  let agent: Caller;

  const letGo = (): void => writeFileSync(join(spool.path, 'go'), '');
  const startPatient = async (fields: Partial<StartOrder> = {}, text = PATIENT): Promise<StartOrder> => {
    const order = spool.order(text, fields);
    agent.say({ kind: 'start', order });
    await agent.hear('started', order.runId);
    await agent.hearOutput(order.runId, 6);
    return order;
  };
  const replaceKilled = async (): Promise<void> => {
    program.child.kill('SIGKILL');
    await program.ended;
    program = await spool.launch();
    agent = await spool.call();
  };

  beforeEach(async () => {
    spool = new SupervisedSpool();
    program = await spool.launch();
    agent = await spool.call();
  });
  afterEach(async () => {
    agent.hangUp();
    await spool.remove();
  });

  describe('as the parent of scripts', () => {
    it('starts them, tells of output and end, and has both in the folder of the run', async () => {
      const order = await startPatient();
      letGo();
      const { end } = await agent.hear('ended', order.runId);
      expect(end).toMatchObject({ kind: 'exit', code: 6, lengths: { stdout: 12, stderr: 0 } });
      expect(JSON.parse(spool.read(order, 'end'))).toEqual(end);
      expect(spool.read(order, 'stdout')).toBe('begun\nended\n');
    });

    it('says why a script could not be started, on record', async () => {
      const order = spool.order('', { argv: ['/nowhere'] });
      agent.say({ kind: 'start', order });
      expect((await agent.hear('ended', order.runId)).end).toMatchObject({ kind: 'spawnFailed' });
      expect(JSON.parse(spool.read(order, 'end'))).toMatchObject({ why: '"/nowhere" does not exist (ENOENT)' });
    });

    it('starts none a second time: not while it runs, not after its end, not when it was called gone', async () => {
      const [running, ended, gone] = [await startPatient(), spool.order('exit 0'), spool.order('exit 0')];
      agent.say({ kind: 'start', order: ended });
      await agent.hear('ended', ended.runId);
      agent.say({ kind: 'resume', limits: limitsOf(gone) });
      expect(await agent.hear('gone', gone.runId)).toMatchObject({ started: false });
      for (const order of [running, ended, gone]) {
        agent.say({ kind: 'start', order });
        expect((await agent.hear('notStarted', order.runId)).why).toContain('a second time');
      }
    });

    it('goes on without an agent, and tells the next one where things stand', async () => {
      const order = await startPatient();
      agent.hangUp();
      agent = await spool.call();
      expect(await agent.hear('welcome')).toMatchObject({ running: 1 });
      agent.say({ kind: 'resume', limits: limitsOf(order) });
      expect(await agent.hear('running', order.runId)).toMatchObject({ lengths: { stdout: 6, stderr: 0 } });
      letGo();
      expect((await agent.hear('ended', order.runId)).end).toMatchObject({ code: 6 });
    });

    it('stays small while a script floods it', async () => {
      const order = spool.order('head -c 300000000 /dev/zero', { outputMaxBytes: 1_000_000 });
      agent.say({ kind: 'start', order });
      expect((await agent.hear('ended', order.runId)).end).toMatchObject({ dropped: { stdout: 299_000_000 } });
      // Its own memory: pages of Node's program file are shared with the agent.
      const own = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1];
      expect(Number(own)).toBeLessThan(30_000);
    });

    it('ends its scripts when it is ended itself, and has that on record', async () => {
      const order = await startPatient();
      program.child.kill('SIGTERM');
      expect(await program.ended).toBe(0);
      expect(JSON.parse(spool.read(order, 'end'))).toMatchObject({ signal: 'SIGTERM', killedBy: null });
    });
  });

  describe('in place of one that was killed', () => {
    it('goes on reading what a script writes, and reports it lost, started, when it ends', async () => {
      const order = await startPatient();
      await replaceKilled();
      agent.say({ kind: 'resume', limits: limitsOf(order) });
      expect(await agent.hear('running', order.runId)).toMatchObject({ lengths: { stdout: 6 } });
      letGo();
      expect((await agent.hear('ended', order.runId)).end).toMatchObject({ kind: 'lost', started: true });
      expect(spool.read(order, 'stdout')).toBe('begun\nended\n');
      expect(readdirSync(order.folder).toSorted()).toEqual(['end', 'pid', 'stderr', 'stdout']);
    });

    it('loses nothing that waits in the pipe, and keeps the cap', async () => {
      const text =
        'echo begun; while [ ! -e more ]; do sleep 0.02; done; head -c 20000 /dev/zero; echo > wrote; sleep 60';
      const order = await startPatient({ outputMaxBytes: 10_006 }, text);
      program.child.kill('SIGKILL');
      await program.ended;
      writeFileSync(join(spool.path, 'more'), '');
      await expect.poll(() => existsSync(join(spool.path, 'wrote'))).toBe(true);
      program = await spool.launch();
      agent = await spool.call();
      agent.say({ kind: 'resume', limits: limitsOf(order) });
      await agent.hearOutput(order.runId, 10_006);
      expect(spool.read(order, 'stdout')).toBe(`begun\n${'\0'.repeat(10_000)}`);
    });

    it('keeps a true beginning of what a script was pouring out when the other was killed', async () => {
      const order = await startPatient({ outputMaxBytes: 1_000_000_000 }, 'echo begun; exec seq 1 1000000000');
      await expect.poll(() => existsSync(join(order.folder, 'stdout.flowing'))).toBe(true);
      await replaceKilled();
      agent.say({ kind: 'resume', limits: limitsOf(order) });
      const { lengths } = await agent.hear('running', order.runId);
      agent.say({ kind: 'kill', runId: order.runId, why: 'cancelled' });
      expect((await agent.hear('ended', order.runId)).end).toMatchObject({ kind: 'lost', started: true });
      const lines = spool.read(order, 'stdout').split('\n');
      expect(lines.join('\n').length).toBe(lengths.stdout);
      expect(lines.slice(1, -1).findIndex((line, index) => line !== String(index + 1))).toBe(-1);
      expect(readdirSync(order.folder).toSorted()).toEqual(['end', 'pid', 'stderr', 'stdout', 'stdout.flowing']);
    });

    it('finds a script without a record of its pid by the run id in its environment', async () => {
      const order = await startPatient();
      const identity = JSON.parse(spool.read(order, 'pid')) as ProcessIdentity;
      program.child.kill('SIGKILL');
      await program.ended;
      rmSync(join(order.folder, 'pid'));
      program = await spool.launch();
      agent = await spool.call();
      agent.say({ kind: 'resume', limits: limitsOf(order) });
      await agent.hear('running', order.runId);
      expect(JSON.parse(spool.read(order, 'pid'))).toEqual(identity);
    });

    it.each(['cancelled', 'over its time'])('ends a script that is %s, with all it has started', async (why) => {
      const text =
        'trap "" TERM; (setsid sh -c "echo \\$\\$ > stray; exec sleep 60" &); echo begun; while :; do sleep 0.02; done';
      const order = await startPatient({ killGraceMs: 100 }, text);
      await expect.poll(() => existsSync(join(spool.path, 'stray'))).toBe(true);
      const stray = Number(readFileSync(join(spool.path, 'stray'), 'utf8'));
      const identity = JSON.parse(spool.read(order, 'pid')) as ProcessIdentity;
      await replaceKilled();
      agent.say({ kind: 'resume', limits: { ...limitsOf(order), timeoutMs: why === 'cancelled' ? 60_000 : 1 } });
      await agent.hear('running', order.runId);
      if (why === 'cancelled') agent.say({ kind: 'kill', runId: order.runId, why: 'cancelled' });
      expect((await agent.hear('ended', order.runId)).end).toMatchObject({ kind: 'lost', started: true });
      expect(isAlive(identity)).toBe(false);
      await expect.poll(() => isGone(stray)).toBe(true);
    });

    it('calls a script gone that ended meanwhile, started or not by what is on record', async () => {
      const [started, never] = [await startPatient(), spool.order('exit 0')];
      const { pid } = JSON.parse(spool.read(started, 'pid')) as ProcessIdentity;
      program.child.kill('SIGKILL');
      await program.ended;
      letGo();
      await expect.poll(() => isGone(pid)).toBe(true);
      program = await spool.launch();
      agent = await spool.call();
      for (const order of [started, never]) agent.say({ kind: 'resume', limits: limitsOf(order) });
      expect(await agent.hear('gone', started.runId)).toMatchObject({ started: true });
      expect(await agent.hear('gone', never.runId)).toMatchObject({ started: false });
    });
  });

  describe('as one of its kind', () => {
    it('gives way to one that is at work', async () => {
      const second = await spool.launch();
      expect([second.isReady, await second.ended]).toEqual([false, EXIT_TAKEN]);
      expect((await spool.call()).heard).toHaveLength(1);
    });

    it('is never there twice, however many are started at once', async () => {
      program.child.kill('SIGKILL');
      await program.ended;
      const programs = await Promise.all(Array.from({ length: 8 }, () => spool.launch()));
      expect(programs.filter(({ isReady }) => isReady).length).toBeLessThanOrEqual(1);
      const others = programs.filter(({ isReady }) => !isReady);
      expect(new Set(await Promise.all(others.map(({ ended }) => ended)))).toEqual(new Set([EXIT_TAKEN]));
      await spool.launch();
      agent = await spool.call();
      const record = JSON.parse(readFileSync(join(spool.path, 'supervisor.json'), 'utf8')) as ProcessIdentity;
      expect(isAlive(record)).toBe(true);
      expect(readdirSync(join(spool.path, 'supervisor/claims'))).toEqual([`${record.pid}-${record.startTicks}`]);
    });

    it('looks after scripts before its record can be written, and writes it as soon as it can', async () => {
      agent.say({ kind: 'goodbye' });
      await program.ended;
      // Refuses as a full disk does.
      mkdirSync(join(spool.path, 'supervisor.json.new'));
      await spool.launch();
      agent = await spool.call();
      expect(existsSync(join(spool.path, 'supervisor.json'))).toBe(false);
      rmdirSync(join(spool.path, 'supervisor.json.new'));
      await expect.poll(() => existsSync(join(spool.path, 'supervisor.json')), { timeout: 10_000 }).toBe(true);
    });

    it('speaks with the newest agent only', async () => {
      const newer = await spool.call();
      await agent.closed;
      const order = spool.order('exit 0');
      newer.say({ kind: 'start', order });
      expect((await newer.hear('ended', order.runId)).end).toMatchObject({ code: 0 });
      newer.hangUp();
    });

    it('refuses a protocol that it does not know, by name', async () => {
      const other = await Caller.connect(spool.path);
      other.say({ kind: 'hello', protocol: 99 });
      expect((await other.hear('refused')).why).toContain('protocol 99');
      await other.closed;
    });

    it('leaves at once when the agent says goodbye and nothing runs, and takes all with it but unused pipes', async () => {
      agent.say({ kind: 'goodbye' });
      expect(await program.ended).toBe(0);
      expect(readdirSync(spool.path)).toEqual(['supervisor']);
      expect(readdirSync(join(spool.path, 'supervisor')).toSorted()).toEqual(['claims', 'pipes']);
      expect(readdirSync(join(spool.path, 'supervisor/claims'))).toEqual([]);
    });

    it('leaves after the last run when the agent has said goodbye before', async () => {
      const order = await startPatient();
      agent.say({ kind: 'goodbye' });
      await agent.closed;
      letGo();
      expect(await program.ended).toBe(0);
      expect(JSON.parse(spool.read(order, 'end'))).toMatchObject({ code: 6 });
    });

    it('lets itself be replaced when nothing runs, and not before', async () => {
      const order = await startPatient();
      agent.say({ kind: 'retire' });
      await agent.hear('staying');
      letGo();
      await agent.hear('ended', order.runId);
      agent.say({ kind: 'retire' });
      await agent.hear('leaving');
      expect(await program.ended).toBe(0);
    });
  });
});

/** True for a zombie, too: an orphan is waited for by whoever is the first process here, or never. */
function isGone(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return true;
  }
}
