import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, runCli } from './support/program.js';

describe('the command line as it is built', () => {
  let home: string;
  beforeAll(() => void (home = mkdtempSync(join(tmpdir(), 'scriptmesh-start-'))));
  afterAll(() => rmSync(home, { recursive: true }));

  it('is a bundle, which bin/scriptmesh.mjs prefers', () => {
    expect(existsSync(join(ROOT, 'dist/controller/bundle/scriptmesh.mjs'))).toBe(true);
  });

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await runCli(['--version'], {})).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('writes help to stdout and nothing to stderr', async () => {
    const help = await runCli(['--help'], {});
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: scriptmesh');
  });

  it.each([
    ['orchestrator', ['orchestrator', 'check-config'], 'SCRIPT_MESH_PORT'],
    ['agent', ['agent', 'check'], 'SCRIPT_MESH_AGENT_PORT'],
  ])('finds the %s beside it and passes its exit code on', async (_program, words, setting) => {
    const wrong = await runCli(words, { SCRIPT_MESH_HOME: home, [setting]: 'none' });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toContain(setting);
  });

  it('explains a field of the manifest of this installation', async () => {
    const field = await runCli(['explain', 'scripts.maxConcurrent'], {});
    expect(field).toMatchObject({ code: 0, stderr: '' });
    expect(field.stdout).toContain('scripts.maxConcurrent (integer, optional)');
  });
});
