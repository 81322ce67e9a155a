import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSecondProcess, type SecondProcess } from '@scriptmesh/testing';
import { startAgent, type RunningAgent } from './start-agent.js';
import { AGENT_KEY, AgentHome, KeptLog, runIdOf } from './test-support/agent-home.js';
import { FakeOrchestrator } from './test-support/fake-orchestrator.js';

/** The agent as a process of its own, which can be killed without a chance to say anything. */
const sourceOf = (settings: object): string => `
  import 'reflect-metadata';
  const { startAgent } = await import(${JSON.stringify(fileURLToPath(new URL('./start-agent.ts', import.meta.url)))});
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const agent = await startAgent(${JSON.stringify(settings)}, log);
  process.stdout.write(agent.url);
`;

describe('an agent that is killed while a script runs', () => {
  let home: AgentHome;
  let fake: FakeOrchestrator;
  let killed: SecondProcess;
  let agent: RunningAgent | undefined;

  beforeEach(async () => {
    home = new AgentHome({ 'wait.sh': '#!/bin/sh\necho once >> counted\necho started\nexec sleep 1.5\n' });
    fake = await FakeOrchestrator.start(AGENT_KEY);
    killed = await startSecondProcess(sourceOf(home.settings({ orchestratorUrl: fake.url })));
    fake.agentUrl = killed.firstWords;
    await fake.waitFor('manifest');
  }, 30_000);
  afterEach(async () => {
    await killed.kill();
    await agent?.close();
    await fake.stop();
    home.remove();
  });

  it('never starts it again, leaves it alone, and reports it lost as started with the output that was kept', async () => {
    const runId = runIdOf(1);
    await fake.post([fake.offer(runId, 'wait')]);
    await fake.waitFor('chunk', runId);
    const { pid } = JSON.parse(readFileSync(join(home.path, 'spool', runId, 'pid'), 'utf8')) as { pid: number };
    await killed.kill();
    expect(process.kill(pid, 0)).toBe(true);
    fake.heard.length = 0;

    agent = await startAgent(home.settings({ orchestratorUrl: fake.url }), new KeptLog());
    fake.agentUrl = agent.url;
    await fake.waitFor('manifest');
    await fake.post([fake.offer(runId, 'wait')]);
    expect(await fake.waitFor('accepted', runId)).toMatchObject({ runId });
    expect(process.kill(pid, 0)).toBe(true);

    expect(await fake.waitFor('lost', runId)).toMatchObject({ started: true });
    expect(fake.outputOf(runId, 'stdout')).toBe('started\n');
    expect(readFileSync(join(home.path, 'counted'), 'utf8')).toBe('once\n');
  }, 30_000);
});
