import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintMetrics, metricNames, metricValue } from '@scriptmesh/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_NAME, Mesh, type TestScript } from './support/mesh.js';
import { ROOT, until } from './support/program.js';

const SCRIPTS: readonly TestScript[] = [
  { file: 'hello.sh', text: '#!/bin/sh\necho hello\n' },
  { file: 'fail.sh', text: '#!/bin/sh\nexit 3\n' },
  { file: 'trace.sh', text: '#!/bin/sh\nprintf "%s" "${TRACEPARENT-none}"\n' },
];
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const WAIT = { prefer: 'wait=30' };

describe('metrics and traces of the real programs', () => {
  const mesh = new Mesh();
  const agentKey = () => readFileSync(join(mesh.agentHome, 'cfg/agent.key'), 'utf8').trim();
  const scrape = (url: string, key: string) => fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  const ofOrchestrator = async () => (await scrape(mesh.url, mesh.mainKey)).text();
  const ofAgent = async () => (await scrape(mesh.agentUrl, agentKey())).text();

  beforeAll(() => mesh.start(SCRIPTS, { orchestrator: { SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS: '1' } }));
  afterAll(() => mesh.stop());

  it('moves the numbers when scripts run', async () => {
    await mesh.askForRun('hello', {}, WAIT);
    await mesh.askForRun('hello', {}, WAIT);
    await mesh.askForRun('fail', {}, WAIT);
    const text = await ofOrchestrator();
    expect(metricValue(text, 'scriptmesh_runs_accepted_total{origin="api"}')).toBe(3);
    expect(metricValue(text, 'scriptmesh_runs_finished_total{state="succeeded",script="hello"}')).toBe(2);
    expect(metricValue(text, 'scriptmesh_runs_finished_total{state="failed",script="fail"}')).toBe(1);
    expect(metricValue(text, 'scriptmesh_run_dispatch_delay_seconds_count')).toBe(3);
    expect(metricValue(text, 'scriptmesh_run_start_delay_seconds_count')).toBe(3);
    expect(metricValue(text, 'scriptmesh_run_duration_seconds_count{state="succeeded"}')).toBe(2);
    expect(text).toMatch(/^scriptmesh_runs_lost_total 0$/m);
    expect(metricValue(text, 'scriptmesh_runs{state="queued"}')).toBe(0);
    expect(metricValue(text, 'scriptmesh_agents{liveness="online"}')).toBe(1);
    expect(metricValue(text, 'scriptmesh_store_write_duration_seconds_count')).toBeGreaterThan(3);
    expect(metricValue(text, 'scriptmesh_transport_sends_total{transport="http",verdict="sent"}')).toBeGreaterThan(2);
    expect(text).toMatch(/^scriptmesh_http_requests_total\{method="POST",route="\/api\/v1\/runs",status="200"\} 3$/m);
    const agent = await ofAgent();
    expect(metricValue(agent, 'scriptmesh_agent_runs_finished_total{script="hello",result="succeeded"}')).toBe(2);
    expect(metricValue(agent, 'scriptmesh_agent_runs_finished_total{script="fail",result="failed"}')).toBe(1);
    expect(metricValue(agent, 'scriptmesh_agent_output_bytes_total{stream="stdout"}')).toBe(12);
    expect(metricValue(agent, 'scriptmesh_agent_manifest_scripts{result="runnable"}')).toBe(3);
    expect(metricValue(agent, 'scriptmesh_agent_orchestrator_reachable')).toBe(1);
  });

  it('sweeps, and tells of it', async () => {
    await until(
      'a sweep',
      async () => metricValue(await ofOrchestrator(), 'scriptmesh_sweep_duration_seconds_count') > 0,
    );
    expect(metricValue(await ofOrchestrator(), 'scriptmesh_sweep_interval_seconds')).toBe(1);
  });

  it('passes the naming lint in both programs, event loop and memory included', async () => {
    for (const text of [await ofOrchestrator(), await ofAgent()]) {
      expect(lintMetrics(text)).toEqual([]);
      expect(metricNames(text)).toEqual(
        expect.arrayContaining([
          'nodejs_eventloop_lag_seconds',
          'process_resident_memory_bytes',
          'scriptmesh_build_info',
        ]),
      );
    }
  });

  it('wants a key, counts those who come without a good one, and shows no secret', async () => {
    for (const url of [mesh.url, mesh.agentUrl]) {
      expect((await fetch(`${url}/metrics`)).status).toBe(401);
      expect((await scrape(url, 'x'.repeat(40))).status).toBe(401);
    }
    expect((await scrape(mesh.url, agentKey())).status).toBe(403);
    const both = { authorization: `Bearer ${mesh.mainKey}`, 'x-api-key': mesh.mainKey };
    expect((await fetch(`${mesh.url}/metrics`, { headers: both })).status).toBe(401);
    // Elsewhere a key in Authorization is none.
    const elsewhere = await fetch(`${mesh.url}/api/v1/agents`, {
      headers: { authorization: `Bearer ${mesh.mainKey}` },
    });
    expect(elsewhere.status).toBe(401);
    const [orchestrator, agent] = [await ofOrchestrator(), await ofAgent()];
    expect(metricValue(orchestrator, 'scriptmesh_auth_failures_total{reason="unauthorized"}')).toBe(3);
    expect(metricValue(orchestrator, 'scriptmesh_auth_failures_total{reason="forbidden"}')).toBe(1);
    expect(metricValue(agent, 'scriptmesh_auth_failures_total{reason="unauthorized"}')).toBe(2);
    for (const text of [orchestrator, agent])
      for (const secret of [mesh.mainKey, agentKey(), 'x'.repeat(40)]) expect(text).not.toContain(secret);
  });

  it('makes no series of its own for what callers invent', async () => {
    await mesh.call('GET', '/api/v1/invented/path');
    await mesh.call('POST', '/api/v1/runs', { agent: AGENT_NAME, script: 'invented' });
    expect(await ofOrchestrator()).not.toContain('invented');
  });

  it("hands the caller's trace on to the script, and nothing when there is none or it is not valid", async () => {
    const traced = await mesh.askForRun('trace', {}, { ...WAIT, traceparent: PARENT });
    expect(traced).toMatchObject({ state: 'succeeded', stdout: PARENT });
    expect(await mesh.askForRun('trace', {}, WAIT)).toMatchObject({ stdout: 'none' });
    const bad = await mesh.askForRun('trace', {}, { ...WAIT, traceparent: `${PARENT};id` });
    expect(bad).toMatchObject({ state: 'succeeded', stdout: 'none' });
  });

  it('keeps a request that is sent again the same one, though its span is another', async () => {
    const once = { ...WAIT, 'idempotency-key': 'traced-once' };
    const first = await mesh.askForRun('trace', {}, { ...once, traceparent: PARENT });
    const again = await mesh.askForRun('trace', {}, { ...once, traceparent: PARENT.replace('00f067', '11f067') });
    expect(again.id).toBe(first.id);
  });

  it('has every metric that the dashboard and the alert rules ask for', async () => {
    const known = new Set([...metricNames(await ofOrchestrator()), ...metricNames(await ofAgent())]);
    expect(JSON.parse(readFileSync(join(ROOT, 'ops/grafana/scriptmesh.json'), 'utf8'))).toMatchObject({
      title: 'ScriptMesh',
    });
    for (const file of ['ops/grafana/scriptmesh.json', 'ops/prometheus/alerts.yml']) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const asked = [...text.matchAll(/\b(?:scriptmesh|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
      expect(asked.length).toBeGreaterThan(8);
      const missing = asked.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|sum|count)$/, '')));
      expect(missing).toEqual([]);
    }
  });
});
