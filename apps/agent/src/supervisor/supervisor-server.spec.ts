import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { PlainPipes } from './plain-pipes.js';
import { RunHost } from './run-host.js';
import { SupervisorServer } from './supervisor-server.js';
import { SILENT_LOG } from './test-support/started-scripts.js';
import { Caller } from './test-support/supervisor-process.js';

describe.skipIf(process.platform !== 'linux')('a supervisor that nobody needs', () => {
  let spool: string;
  let clock: MovedClock;
  let server: SupervisorServer;
  let left: boolean;
  let leaving: Promise<unknown>;

  const call = async (): Promise<Caller> => {
    const agent = await Caller.connect(spool);
    agent.say({ kind: 'hello', protocol: 1 });
    await agent.hear('welcome');
    return agent;
  };

  beforeEach(async () => {
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-server-'));
    mkdirSync(join(spool, 'supervisor'));
    clock = new MovedClock();
    left = false;
    leaving = new Promise((resolve) => {
      const leave = (): void => {
        left = true;
        resolve(undefined);
      };
      server = new SupervisorServer(new RunHost(clock, new PlainPipes(), SILENT_LOG), clock, 'v1', SILENT_LOG, leave);
    });
    await server.listen(join(spool, 'supervisor/socket'));
  });
  afterEach(async () => {
    await server.stop();
    rmSync(spool, { recursive: true, force: true });
  });

  it('waits ten seconds for its first agent, and then ends', async () => {
    await clock.advance(9_999);
    expect(left).toBe(false);
    await clock.advance(1);
    expect(left).toBe(true);
  });

  it('stays as long as an agent is there', async () => {
    const agent = await call();
    await clock.advance(3_600_000);
    expect(left).toBe(false);
    agent.hangUp();
  });

  it('waits ten seconds for an agent that went without a word, and stays when it is back in time', async () => {
    const agent = await call();
    agent.hangUp();
    await expect.poll(() => clock.waitingTimers).toBe(1);
    await clock.advance(9_999);
    const back = await call();
    await clock.advance(60_000);
    expect(left).toBe(false);
    back.say({ kind: 'goodbye' });
    await leaving;
    back.hangUp();
  });

  it('ends a connection that speaks nonsense, and goes on', async () => {
    const hello = '{"kind":"hello","protocol":1}\n';
    const start = '{"kind":"start"}\n';
    for (const nonsense of [
      '{"kind":\n',
      'x'.repeat(5 * 1024 * 1024),
      start,
      'null\n',
      `${hello}null\n`,
      hello + start,
    ]) {
      const socket = connect(join(spool, 'supervisor/socket'));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(nonsense);
      await closed;
    }
    const agent = await call();
    expect(agent.heard).toMatchObject([{ kind: 'welcome', version: 'v1', running: 0 }]);
    agent.hangUp();
  });
});
