import { mkdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokenProxy } from '@scriptmesh/testing';
import { Mesh, type TestScript } from './support/mesh.js';
import { until } from './support/program.js';

const COUNTED: TestScript = {
  file: 'counted.sh',
  text: '#!/bin/sh\necho "$SM_RUN_ID" >> "$(dirname "$0")/../counted.starts"\necho counted\n',
};
const FAULTS = ['refuse', 'resetBefore', 'resetAfterRequest', 'halfOpen', 'slow'] as const;

/** Whole programs with a faulty network in between: the run is started once and ends, whatever the connection does. */
describe.each(FAULTS)('a run over a connection that is broken: %s', (fault) => {
  let mesh: Mesh;
  let toAgent: BrokenProxy;
  let toOrchestrator: BrokenProxy;

  beforeEach(async () => {
    mesh = new Mesh();
    mesh.writeScripts([COUNTED]);
    await mkdir(mesh.orchestratorHome, { recursive: true });
    await mesh.startOrchestrator();
    toOrchestrator = await BrokenProxy.start({ targetPort: Number(new URL(mesh.url).port) });
    mesh.orchestratorUrlForAgent = toOrchestrator.url;
    // The agent's port is not known before it listens, so the proxy in front of it gets its target later.
    toAgent = await BrokenProxy.start({ targetPort: 1 });
    mesh.agentUrlForOrchestrator = toAgent.url;
    await mesh.startAgent();
    toAgent.aimAt(Number(new URL(mesh.agentUrl).port));
    await mesh.waitForScripts(1);
  });
  afterEach(async () => {
    await mesh.stop();
    await toAgent.stop();
    await toOrchestrator.stop();
  });

  it('towards the agent: runs once and succeeds when the connection heals', async () => {
    await toAgent.become(fault);
    const run = await mesh.askForRun('counted');
    await aSendHasMet(toAgent, fault);
    await toAgent.become('pass');
    expect(await mesh.waitForState(run.id, 'succeeded')).toMatchObject({
      executed: 'yes',
      exitCode: 0,
      truncated: false,
    });
    expect(await mesh.output(run.id)).toBe('counted\n');
    expect(mesh.startsOf('counted')).toBe(1);
  });

  it('towards the orchestrator: the result arrives when the connection heals', async () => {
    await toOrchestrator.become(fault);
    const run = await mesh.askForRun('counted');
    await aSendHasMet(toOrchestrator, fault);
    await toOrchestrator.become('pass');
    expect(await mesh.waitForState(run.id, 'succeeded')).toMatchObject({
      executed: 'yes',
      exitCode: 0,
      truncated: false,
    });
    expect(await mesh.output(run.id)).toBe('counted\n');
    expect(mesh.startsOf('counted')).toBe(1);
  });
});

/** Waits until a program has opened a connection in the broken mode; a port that refuses counts none, so some retries pass. */
async function aSendHasMet(proxy: BrokenProxy, fault: (typeof FAULTS)[number]): Promise<void> {
  const before = proxy.accepted;
  const begun = performance.now();
  await until(`a send over the broken connection`, () =>
    fault === 'refuse' ? performance.now() - begun > 1500 : proxy.accepted > before,
  );
}
