import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { armFailpoints, failpoint, parseFailpoints, supervisorFailpoints, type ArmedPoint } from './index.js';

const LOADER = join(import.meta.dirname, '../../testing/src/typescript-loader.mjs');

const armed = (text: string): readonly ArmedPoint[] => {
  const points = parseFailpoints(text);
  if (typeof points === 'string') throw new Error(points);
  return points;
};

describe('the list of failpoints', () => {
  it('names points with what happens there and at which passing', () => {
    expect(parseFailpoints('journal.intent-linked:kill, dispatch.sent:error@3,store.committed:delay=50ms')).toEqual([
      { point: 'journal.intent-linked', action: 'kill', delayMs: 1000, onHit: 1 },
      { point: 'dispatch.sent', action: 'error', delayMs: 1000, onHit: 3 },
      { point: 'store.committed', action: 'delay', delayMs: 50, onHit: 1 },
    ]);
  });

  it.each(['', 'dispatch.sent', 'dispatch.sent:crash', 'dispatch.sent:kill@0', 'dispatch.sent:kill=5ms', 'a:kill,,'])(
    'is refused as "%s", in words',
    (text) => expect(parseFailpoints(text)).toEqual(expect.any(String)),
  );

  it('is refused with the name of a point that is not there', () => {
    expect(parseFailpoints('dispatch.never:kill')).toBe('there is no point "dispatch.never"');
    expect(parseFailpoints('constructor:kill')).toBe('there is no point "constructor"');
  });
});

describe('a failpoint', () => {
  let folder = '';
  let log = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-failpoints-'));
    log = join(folder, 'hits');
  });
  afterEach(() => {
    armFailpoints({ points: [], log: null });
    rmSync(folder, { recursive: true });
  });

  it('does nothing when none is armed', () => {
    expect(() => failpoint('dispatch.sent')).not.toThrow();
    expect(supervisorFailpoints()).toEqual({});
  });

  it('fails once, as a disk does, at the passing that was asked for, and leaves a line', () => {
    armFailpoints({ points: armed('dispatch.sent:error@2'), log });
    failpoint('dispatch.sent');
    failpoint('dispatch.before-send');
    expect(() => failpoint('dispatch.sent')).toThrow(expect.objectContaining({ code: 'EIO' }));
    failpoint('dispatch.sent');
    failpoint('dispatch.sent');
    expect(readFileSync(log, 'utf8')).toBe('dispatch.sent:error@2\n');
  });

  it('does not happen again in a later life of the program', () => {
    const points = armed('dispatch.sent:error,store.committed:error');
    armFailpoints({ points, log });
    expect(() => failpoint('dispatch.sent')).toThrow('EIO');
    armFailpoints({ points, log });
    failpoint('dispatch.sent');
    expect(() => failpoint('store.committed')).toThrow('EIO');
  });

  it('holds the program up', () => {
    armFailpoints({ points: armed('dispatch.sent:delay=30ms'), log });
    const begun = performance.now();
    failpoint('dispatch.sent');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29);
  });

  it('kills the program where it stands', () => {
    const lines = [
      "const { armFailpoints, failpoint } = await import('@scriptmesh/failpoints');",
      `armFailpoints({ points: ${JSON.stringify(armed('dispatch.sent:kill'))}, log: ${JSON.stringify(log)} });`,
      "process.stdout.write('before');",
      "failpoint('dispatch.sent');",
      "process.stdout.write('after');",
    ];
    const words = ['--import', LOADER, '--input-type=module', '-e', lines.join('\n')];
    const { signal, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', cwd: import.meta.dirname });
    expect([signal, stdout]).toEqual(['SIGKILL', 'before']);
    expect(readFileSync(log, 'utf8')).toBe('dispatch.sent:kill@1\n');
  });

  it('of the supervisor is handed on to it, and no other', () => {
    armFailpoints({ points: armed('supervisor.spawned:kill,dispatch.sent:kill,supervisor.adopted:delay@2'), log });
    expect(supervisorFailpoints()).toEqual({
      SCRIPT_MESH_FAILPOINT: 'supervisor.spawned:kill@1,supervisor.adopted:delay=1000ms@2',
      SCRIPT_MESH_FAILPOINT_LOG: log,
    });
  });
});
