import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SpawnedPrograms } from './spawned-programs.js';

describe('SpawnedPrograms', () => {
  let root: string;
  const build = (source: string): void => {
    mkdirSync(join(root, 'dist'));
    writeFileSync(join(root, 'dist/agent.mjs'), source);
  };
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'scriptmesh-programs-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  it('gives the exit code of the program and hands its arguments on', async () => {
    build('process.exit(process.argv[2] === "--check" ? 78 : 1)');
    expect(await new SpawnedPrograms(root).run('agent', ['--check'])).toBe(78);
  });

  it('gives 128 + N when a signal ended the program, and leaves no listener behind', async () => {
    build('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)');
    const before = process.listenerCount('SIGTERM');
    expect(await new SpawnedPrograms(root).run('agent', [])).toBe(137);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('says what to do when the program is not built', async () => {
    await expect(async () => new SpawnedPrograms(root).run('agent', [])).rejects.toMatchObject({
      hint: 'Run "npm run build".',
    });
  });
});
