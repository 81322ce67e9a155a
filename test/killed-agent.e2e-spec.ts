import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSecondProcess, type SecondProcess } from '@scriptmesh/testing';
import { startAgent, type RunningAgent } from '../apps/agent/src/start-agent.js';
import { AGENT_KEY, AgentHome, KeptLog, runIdOf } from '../apps/agent/src/test-support/agent-home.js';
import { findSupervisor } from '../apps/agent/src/test-support/end-supervisor.js';
import { FakeOrchestrator } from '../apps/agent/src/test-support/fake-orchestrator.js';
import { SUPERVISOR_FROM_SOURCE } from '../apps/agent/src/test-support/supervisor-from-source.js';
import { ROOT } from './support/program.js';

const RUN = runIdOf(1);
const PATIENT =
  '#!/bin/sh\necho once >> counted\necho started\nwhile [ ! -e go ]; do sleep 0.02; done\necho ended\nexit 5\n';

/** The agent as a process of its own, which can be killed without a chance to say anything. */
const sourceOf = (settings: object): string => `
  import 'reflect-metadata';
  const { startAgent } = await import(${JSON.stringify(pathToFileURL(join(ROOT, 'dist/agent/apps/agent/src/start-agent.js')).href)});
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const agent = await startAgent(${JSON.stringify(settings)}, log, ${JSON.stringify(SUPERVISOR_FROM_SOURCE)});
  process.stdout.write(agent.url);
`;

describe('a script whose agent or supervisor is killed', () => {
  let home: AgentHome;
  let fake: FakeOrchestrator;
  let killed: SecondProcess;
  let agent: RunningAgent | undefined;

  const startAgain = async (): Promise<void> => {
    agent = await startAgent(home.settings({ orchestratorUrl: fake.url }), new KeptLog(), SUPERVISOR_FROM_SOURCE);
    fake.agentUrl = agent.url;
    await fake.waitFor('manifest');
  };
  const starts = (): string => readFileSync(join(home.path, 'counted'), 'utf8');
  const letGo = (): void => writeFileSync(join(home.path, 'go'), '');
  /** A new supervisor reads what the script writes. */
  const adopted = async (): Promise<void> => {
    const log = join(home.path, 'logs', 'ScriptMesh-supervisor.log');
    await expect.poll(() => readFileSync(log, 'utf8')).toContain('run.adopted');
  };
  const killSupervisor = (): void => {
    const supervisor = findSupervisor(join(home.path, 'spool'));
    if (!supervisor) throw new Error('there is no supervisor');
    process.kill(supervisor.pid, 'SIGKILL');
  };

  beforeEach(async () => {
    home = new AgentHome({ 'patient.sh': PATIENT });
    fake = await FakeOrchestrator.start(AGENT_KEY);
    killed = await startSecondProcess(sourceOf(home.settings({ orchestratorUrl: fake.url })));
    fake.agentUrl = killed.firstWords;
    await fake.waitFor('manifest');
    await fake.post([fake.offer(RUN, 'patient')]);
    await fake.waitFor('chunk', RUN);
  }, 30_000);
  afterEach(async () => {
    await killed.kill();
    await agent?.close();
    agent = undefined;
    await fake.stop();
    await home.remove();
  });

  it('goes on without its agent, and its true result is shipped by the next one', async () => {
    await killed.kill();
    fake.heard.length = 0;
    await startAgain();
    await fake.post([fake.offer(RUN, 'patient')]);
    expect(await fake.waitFor('accepted', RUN)).toMatchObject({ runId: RUN });
    letGo();

    expect(await fake.waitFor('result', RUN)).toMatchObject({ code: 5, signal: null, truncated: false });
    expect(fake.outputOf(RUN, 'stdout')).toBe('started\nended\n');
    expect(starts()).toBe('once\n');
  }, 30_000);

  it('has its result on record when it ended while there was no agent', async () => {
    await killed.kill();
    letGo();
    await expect.poll(() => readFileSync(join(home.path, 'spool', RUN, 'stdout'), 'utf8')).toContain('ended');
    fake.heard.length = 0;
    await startAgain();

    expect(await fake.waitFor('result', RUN)).toMatchObject({ code: 5, truncated: false });
    expect(fake.outputOf(RUN, 'stdout')).toBe('started\nended\n');
  }, 30_000);

  it('can be cancelled by the next agent', async () => {
    await killed.kill();
    fake.heard.length = 0;
    await startAgain();
    await fake.post([{ kind: 'cancel', runId: RUN, receipt: 'r'.repeat(43), why: 'cancelled' }]);

    expect(await fake.waitFor('result', RUN)).toMatchObject({ signal: 'SIGTERM', killedBy: 'cancelled' });
  }, 30_000);

  it('goes on without its supervisor and is lost, started, with all of its output', async () => {
    killSupervisor();
    await adopted();
    letGo();

    expect(await fake.waitFor('lost', RUN)).toMatchObject({ started: true });
    expect(fake.outputOf(RUN, 'stdout')).toBe('started\nended\n');
    expect(starts()).toBe('once\n');
  }, 30_000);

  it('goes on when both are killed, and is lost, started, when it ends', async () => {
    await killed.kill();
    killSupervisor();
    fake.heard.length = 0;
    await startAgain();
    await adopted();
    expect(fake.heard.some(({ header }) => header.kind === 'lost')).toBe(false);
    letGo();

    expect(await fake.waitFor('lost', RUN)).toMatchObject({ started: true });
    expect(fake.outputOf(RUN, 'stdout')).toBe('started\nended\n');
    expect(starts()).toBe('once\n');
  }, 30_000);
});
