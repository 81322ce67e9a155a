import {
  agentPrincipal,
  MAIN_PRINCIPAL,
  SYSTEM_PRINCIPAL,
  type AgentId,
  type ExplanationResource,
  type Page,
  type RunCause,
  type RunEventResource,
  type RunId,
} from '@scriptmesh/contracts';
import { AgentKeyDigester, SecretBox } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import { describeOnEveryDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startEdgeApp, type EdgeApp } from '../../test-support/edge-app.js';
import { SpeakingAgent } from '../../test-support/speaking-agent.js';
import { AccessModule } from '../access/index.js';
import { claimRun, unclaimRun } from './domain/claim.js';
import { judgeAccepted, judgeLost, judgeRefused } from './domain/evidence.js';
import { unmoved, type Progress } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { RunWriter } from './run-writer.js';
import { RunsModule } from './runs.module.js';
import { aMessage, JOURNAL } from './test-support/a-run.js';

const AGENT = '019b7600-0000-7000-8000-0000000000a1' as AgentId;

describeOnEveryDatabase('the history of a run', (openDb) => {
  let db: Database;
  let edge: EdgeApp;
  let id: RunId;

  beforeEach(async () => {
    db = await openDb();
    edge = await startEdgeApp(db, [AccessModule, RunsModule]);
    const agent = new SpeakingAgent(AGENT, 'an-agent-key-for-tests-of-32-chars');
    await agent.insertInto(db, edge.app.get(SecretBox), edge.app.get(AgentKeyDigester));
    const asked = await edge.call('POST', '/api/v1/runs', { agent: 'db-1', script: 'hello' });
    ({ id } = (await asked.json()) as { id: RunId });
  });
  afterEach(() => edge.app.close());

  const change = (by: typeof SYSTEM_PRINCIPAL, make: (run: Run, nowMs: number) => Progress, cause?: RunCause) =>
    edge.app.get(RunWriter).write(by, async (runs) => {
      await runs.read([id]);
      runs.apply(make(runs.find(id) as Run, edge.clock.nowMs()), cause);
    });
  const send = () => change(SYSTEM_PRINCIPAL, (run, nowMs) => claimRun(unmoved(run), JOURNAL, nowMs));
  const events = async (query = ''): Promise<Page<RunEventResource>> =>
    (await (await edge.call('GET', `/api/v1/runs/${id}/events${query}`)).json()) as Page<RunEventResource>;
  const explain = async (): Promise<ExplanationResource> =>
    (await (await edge.call('GET', `/api/v1/runs/${id}/explain`)).json()) as ExplanationResource;

  it('lists each transition in order, with time, states, cause and principal', async () => {
    await send();
    await change(SYSTEM_PRINCIPAL, (run, nowMs) => unclaimRun(unmoved(run), nowMs));
    await edge.clock.advance(5000);
    await send();
    const refusal = aMessage('refused');
    await change(agentPrincipal(AGENT), (run, nowMs) => judgeRefused(run, refusal, nowMs), 'refused');
    const { items, next } = await events();
    expect(next).toBeNull();
    expect(items.map(({ from, to, cause, principal }) => [from, to, cause, principal])).toEqual([
      [null, 'queued', 'asked', MAIN_PRINCIPAL],
      ['queued', 'dispatched', 'sent', SYSTEM_PRINCIPAL],
      ['dispatched', 'queued', 'not-sent', SYSTEM_PRINCIPAL],
      ['queued', 'dispatched', 'sent', SYSTEM_PRINCIPAL],
      ['dispatched', 'rejected', 'refused', agentPrincipal(AGENT)],
    ]);
    expect(items[0]).toMatchObject({ event: 'accepted', requestId: expect.any(String), executed: null });
    expect(items[4]).toMatchObject({
      event: 'transition',
      executed: 'no',
      reason: 'manifest/hash-mismatch: the file has changed',
    });
    expect(Date.parse(items[4]?.at ?? '') - Date.parse(items[1]?.at ?? '')).toBe(5000);
  });

  it('comes page by page', async () => {
    await send();
    const first = await events('?limit=1');
    expect(first.items).toHaveLength(1);
    const second = await events(`?limit=1&cursor=${first.next}`);
    expect(second.items.map(({ to }) => to)).toEqual(['dispatched']);
    expect(second.next).toBeNull();
    expect((await edge.call('GET', `/api/v1/runs/${id}/events?cursor=eA`)).status).toBe(400);
    expect((await edge.call('GET', '/api/v1/runs/none/events')).status).toBe(404);
  });

  it('gives both transitions of a loss, and explains it by the cause that the agent named', async () => {
    await send();
    const lost = aMessage('lost', { cause: 'node-restarted' });
    await change(agentPrincipal(AGENT), (run, nowMs) => judgeLost(run, lost, nowMs), 'agent-said');
    const { items } = await events();
    expect(items.slice(2).map(({ to, cause }) => [to, cause])).toEqual([
      ['running', 'agent-said'],
      ['lost', 'node-restarted'],
    ]);
    expect(await explain()).toMatchObject({
      run: id,
      state: 'lost',
      executed: 'yes',
      cause: 'node-restarted',
      summary: expect.stringContaining('the node was restarted while the script ran'),
    });
  });

  it('explains a loss by a cause of a newer agent in the words of that agent', async () => {
    await send();
    const lost = aMessage('lost', { cause: 'something-new', why: 'it says so' });
    await change(agentPrincipal(AGENT), (run, nowMs) => judgeLost(run, lost, nowMs));
    expect(await explain()).toMatchObject({ cause: 'agent-said', summary: expect.stringContaining(': it says so') });
  });

  it('explains a run that waits by what is known of its agent', async () => {
    expect(await explain()).toMatchObject({
      state: 'queued',
      cause: 'asked',
      summary: expect.stringContaining('the agent db-1 is unknown; it has never been heard'),
    });
    await send();
    await change(agentPrincipal(AGENT), (run, nowMs) => judgeAccepted(run, aMessage('accepted'), nowMs), 'accepted');
    expect(await explain()).toMatchObject({ state: 'running', summary: expect.stringContaining('its timeout of 5 s') });
  });

  it('says who has removed the agent, and whose runs were cancelled or lost by that', async () => {
    await edge.call('DELETE', '/api/v1/agents/db-1');
    expect(await explain()).toMatchObject({
      state: 'cancelled',
      cause: 'agent-removed',
      summary: expect.stringContaining(`the agent db-1 was removed by ${MAIN_PRINCIPAL}`),
    });
    expect((await edge.call('GET', '/api/v1/runs/none/explain')).status).toBe(404);
  });
});
