import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  armFailpoints as armAgent,
  FAILPOINTS,
  parseFailpoints,
  programOf,
  supervisorFailpoints,
} from '@scriptmesh/failpoints';
import type { ArmedPoint, FailpointName } from '@scriptmesh/failpoints';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { armFailpoints, failpoint, SUPERVISOR_POINTS } from './failpoint.js';

describe("the supervisor's failpoints", () => {
  let folder = '';
  let log = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-failpoints-'));
    log = join(folder, 'hits');
  });
  afterEach(() => {
    armFailpoints(undefined, undefined);
    armAgent({ points: [], log: null });
    rmSync(folder, { recursive: true });
  });

  /** As the agent's environment does it. */
  const arm = (text: string): void => {
    armAgent({ points: parseFailpoints(text) as readonly ArmedPoint[], log });
    const env = supervisorFailpoints();
    armFailpoints(env['SCRIPT_MESH_FAILPOINT'], env['SCRIPT_MESH_FAILPOINT_LOG']);
  };

  it('are those of the catalogue', () => {
    const catalogue = (Object.keys(FAILPOINTS) as FailpointName[]).filter((name) => programOf(name) === 'supervisor');
    expect([...SUPERVISOR_POINTS].toSorted()).toEqual(catalogue.toSorted());
  });

  it('do nothing when none is armed', () => {
    arm('dispatch.sent:error');
    expect(() => SUPERVISOR_POINTS.forEach(failpoint)).not.toThrow();
  });

  it('happen once, at the passing that was asked for, also over two lives', () => {
    arm('supervisor.spawned:error@2,supervisor.adopted:error');
    failpoint('supervisor.spawned');
    expect(() => failpoint('supervisor.spawned')).toThrow(expect.objectContaining({ code: 'EIO' }));
    expect(readFileSync(log, 'utf8')).toBe('supervisor.spawned:error@2\n');
    arm('supervisor.spawned:error@2,supervisor.adopted:error');
    failpoint('supervisor.spawned');
    failpoint('supervisor.spawned');
    expect(() => failpoint('supervisor.adopted')).toThrow('EIO');
  });

  it('hold the program up', () => {
    arm('supervisor.term-sent:delay=30ms');
    const begun = performance.now();
    failpoint('supervisor.term-sent');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
  });
});
