import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ThisMachine } from './this-machine.js';

describe('what is written for a service', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-machine-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('can be read by its user, also when root makes files for itself alone', () => {
    const umask = process.umask(0o077);
    try {
      const file = join(folder, 'lib/scriptmesh/agent.mjs');
      new ThisMachine('/').write(file, Buffer.from('x'), 0o644);
      expect(statSync(file).mode & 0o777).toBe(0o644);
      expect(statSync(dirname(file)).mode & 0o777).toBe(0o755);
      expect(process.umask()).toBe(0o077);
    } finally {
      process.umask(umask);
    }
  });

  it('takes the place of what was there, and keeps secrets to itself', () => {
    const file = join(folder, 'settings.env');
    const machine = new ThisMachine('/');
    machine.write(file, Buffer.from('old'), 0o600);
    machine.write(file, Buffer.from('new'), 0o600);
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
