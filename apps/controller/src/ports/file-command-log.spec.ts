import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileCommandLog } from './file-command-log.js';

const SECRET = 'a-word-of-the-command-line';

describe('FileCommandLog', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const logIn = (env: Record<string, string> = {}): FileCommandLog =>
    new FileCommandLog(new MovedClock(), { flags: {}, env, cwd: folder, hostname: 'here' });
  const file = (): string => join(folder, 'logs/ScriptMesh-controller.log');
  const linesOf = (): readonly string[] =>
    readFileSync(file(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| /, ''));

  it('keeps a line for each command in the home folder, with its exit code and the ids of its fault', async () => {
    const log = logIn({ SCRIPT_MESH_HOME: folder });
    const error = new MeshError('run/not-found', SECRET, { facts: { requestId: 'q1', other: SECRET } });
    await log.note({ command: 'agents list', exitCode: 0 });
    await log.note({ command: 'runs show', exitCode: 3, error });
    await log.note({ command: 'run', exitCode: 1, error: new TypeError(SECRET) });
    expect(linesOf()).toEqual([
      'INFO | controller | command.ended command="agents list" exitCode=0',
      'WARN | controller | command.failed command="runs show" exitCode=3 code=run/not-found requestId=q1',
      'WARN | controller | command.failed command=run exitCode=1 error=TypeError',
    ]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('leaves a folder alone that is no home', async () => {
    await logIn().note({ command: 'status', exitCode: 0 });
    expect(readdirSync(folder)).toEqual([]);
    mkdirSync(join(folder, 'cfg'));
    await logIn().note({ command: 'status', exitCode: 0 });
    expect(linesOf()).toHaveLength(1);
  });

  it('moves the file of an earlier day away', async () => {
    mkdirSync(join(folder, 'logs'));
    writeFileSync(file(), '2025-12-29 10:00:00 | INFO | controller | old\n');
    await logIn().note({ command: 'status', exitCode: 0 });
    expect(linesOf()).toHaveLength(1);
    expect(existsSync(join(folder, 'logs/ScriptMesh-controller-2025-12-29.log'))).toBe(true);
  });

  it.each([
    ['the folder cannot be made', () => writeFileSync(join(folder, 'logs'), 'in the way')],
    ['the folder is closed', () => (mkdirSync(join(folder, 'cfg')), chmodSync(folder, 0o500))],
    ['a link stands in its place', () => (mkdirSync(join(folder, 'logs')), symlinkSync('/dev/null', file()))],
  ])('does without when %s', async (_what, prepare) => {
    prepare();
    await expect(logIn({ SCRIPT_MESH_HOME: folder }).note({ command: 'status', exitCode: 0 })).resolves.toBeUndefined();
    chmodSync(folder, 0o700);
  });

  it('does without when its settings are wrong: commands that need settings say so', async () => {
    const env = { SCRIPT_MESH_HOME: folder, SCRIPT_MESH_LOG_MAX_FILES: 'many' };
    await logIn(env).note({ command: 'status', exitCode: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });
});
