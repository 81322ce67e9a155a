import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingFault } from './fault.js';
import { makeKey, writeKeyFile } from './key-files.js';
import { TrialHome } from './test-support/trial-home.js';

describe('writeKeyFile', () => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
  });
  afterEach(() => home.remove());

  it('lets a file win that another start has made in between, and leaves nothing else behind', () => {
    const faults: SettingFault[] = [];
    const path = home.write('cfg/main.key', `${'a'.repeat(43)}\n`);
    expect(writeKeyFile('NAME', path, makeKey(), faults)).toEqual(['a'.repeat(43)]);
    expect(readdirSync(join(home.path, 'cfg'))).toEqual(['main.key']);
    expect(faults).toEqual([]);
  });

  it('makes folders that are missing', () => {
    const path = join(home.path, 'new/cfg/main.key');
    const key = makeKey();
    expect(writeKeyFile('NAME', path, key, [])).toEqual([key]);
    expect(readFileSync(path, 'utf8')).toBe(`${key}\n`);
  });

  it('makes keys of 256 bits, each another one', () => {
    const keys = Array.from({ length: 100 }, makeKey);
    expect(new Set(keys).size).toBe(100);
    expect(keys.every((key) => Buffer.from(key, 'base64url').length === 32)).toBe(true);
  });
});
