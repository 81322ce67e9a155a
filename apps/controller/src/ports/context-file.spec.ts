import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MeshError } from '@scriptmesh/contracts';
import { EMPTY_BOOK } from '../contexts/context-book.js';
import { ContextFile, contextFilePath } from './context-file.js';

const BOOK = {
  current: 'constructor',
  contexts: [
    { name: 'constructor', url: 'http://a:1', apiKey: 'k'.repeat(40) },
    { name: 'lab', url: 'http://b:1', apiKey: null },
  ],
};
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('ContextFile', () => {
  let folder: string;
  let file: ContextFile;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-contexts-'));
    file = new ContextFile(join(folder, 'config/scriptmesh/contexts.json'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (text: string, bits = 0o600): void => {
    mkdirSync(dirname(file.place), { recursive: true });
    writeFileSync(file.place, text);
    chmodSync(file.place, bits);
  };
  const faultOf = (work: () => unknown): MeshError => {
    try {
      work();
    } catch (error) {
      return error as MeshError;
    }
    return expect.unreachable('should have failed');
  };

  it('is empty before anything was kept', () => {
    expect(file.load()).toEqual(EMPTY_BOOK);
  });

  it('keeps contexts for its owner only and leaves nothing else behind', () => {
    file.save(EMPTY_BOOK);
    file.save(BOOK);
    expect(file.load()).toEqual(BOOK);
    expect([mode(file.place), mode(dirname(file.place))]).toEqual(['600', '700']);
    expect(readdirSync(dirname(file.place))).toEqual(['contexts.json']);
  });

  it('closes a folder that was open', () => {
    mkdirSync(dirname(file.place), { recursive: true, mode: 0o755 });
    file.save(BOOK);
    expect(mode(dirname(file.place))).toBe('700');
  });

  it.each([0o640, 0o604, 0o620])('refuses a file with mode %o and names the chmod', (bits) => {
    file.save(BOOK);
    chmodSync(file.place, bits);
    const fault = faultOf(() => file.load());
    expect(fault).toMatchObject({ code: 'settings/invalid' });
    expect(fault.detail).toContain('open to others');
    expect(fault.hint).toContain(`chmod 600 ${file.place}`);
  });

  it.each([
    ['no JSON', '{"apiKey": "secret-key', 'not JSON'],
    ['another version', '{"version": 2, "contexts": {}}', 'version'],
    ['a list', '[]', 'not a list of contexts'],
    ['a context without address', '{"version": 1, "contexts": {"a": {"apiKey": "secret-key"}}}', 'damaged'],
    ['a name that is none', '{"version": 1, "contexts": {"a b": {"url": "http://a"}}}', 'damaged'],
  ])('refuses %s without repeating it', (_name, text, told) => {
    write(text);
    const fault = faultOf(() => file.load());
    expect(fault.code).toBe('settings/invalid');
    expect(fault.detail).toContain(told);
    expect(fault.message).not.toContain('secret-key');
  });

  it('forgets a current context that is not there', () => {
    write('{"version": 1, "current": "gone", "contexts": {}}');
    expect(file.load()).toEqual(EMPTY_BOOK);
  });

  it('leaves the old file whole when the new one cannot be written', () => {
    file.save(BOOK);
    const before = readFileSync(file.place, 'utf8');
    const blocked = new ContextFile(join(file.place, 'below-a-file.json'));
    expect(faultOf(() => blocked.save(EMPTY_BOOK))).toMatchObject({ code: 'settings/invalid' });
    expect(readFileSync(file.place, 'utf8')).toBe(before);
  });
});

describe('contextFilePath', () => {
  it.each([
    [{ XDG_CONFIG_HOME: '/xdg' }, '/xdg/scriptmesh/contexts.json'],
    [{ XDG_CONFIG_HOME: 'relative' }, '/home/u/.config/scriptmesh/contexts.json'],
    [{}, '/home/u/.config/scriptmesh/contexts.json'],
  ])('with %j is %s', (env, path) => expect(contextFilePath(env, '/home/u')).toBe(path));
});
