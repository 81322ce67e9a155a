import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAgentResource, answerJson, aRunResource, FakeApi } from '@scriptmesh/testing';
import { Program, ROOT } from './support/program.js';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;
const RUN = aRunResource();

describe('completion in real shells', () => {
  let api: FakeApi;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-completion-'));
    symlinkSync(join(ROOT, 'bin/scriptmesh.mjs'), join(folder, 'scriptmesh'));
    api = await FakeApi.start();
    const agents = [anAgentResource(), anAgentResource({ name: 'db@west' }), anAgentResource({ name: 'web-1' })];
    api.answer('GET /api/v1/agents', answerJson({ items: agents, next: null }));
    api.answer('GET /api/v1/scripts', answerJson({ items: [{ name: 'hello_world', agents: [] }], next: null }));
    api.answer('GET /api/v1/runs', answerJson({ items: [RUN], next: null }));
  });
  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  /** Lets a shell run `script` with the completion loaded, and gives the lines that it prints. */
  async function inShell(shell: string, script: string, env: Record<string, string> = {}): Promise<string[]> {
    const file = join(folder, `try.${shell}`);
    writeFileSync(file, script);
    const start = 'require("child_process").spawn(process.argv[1],[process.argv[2]],{stdio:"inherit"})';
    const all = { PATH: `${folder}:${process.env['PATH']}`, ORCHESTRATOR_URL: api.url, SCRIPT_MESH_API_KEY: api.key };
    const program = new Program(['-e', start, shell, file], { ...all, ...env }, folder);
    await program.ended;
    expect(program.output.stderr).toBe('');
    return program.output.stdout.split('\n').filter(Boolean);
  }

  /** `words` as bash would cut the line: at blanks, and at `=`, `:` and `@`. */
  const completeInBash = (line: string, words: readonly string[], env: Record<string, string> = {}) => {
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const script = `source <(scriptmesh completion bash)
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'; COMP_POINT=${line.length}
_scriptmesh
printf '%s\\n' "\${COMPREPLY[@]}"`;
    return inShell('bash', script, env);
  };

  it.each([
    ['commands', 'scriptmesh ru', ['scriptmesh', 'ru'], ['run', 'runs']],
    ['flags', 'scriptmesh runs list --st', ['scriptmesh', 'runs', 'list', '--st'], ['--state']],
    ['agents', 'scriptmesh run x -a ', ['scriptmesh', 'run', 'x', '-a', ''], ['db-1', 'db@west', 'web-1']],
    ['what follows a =', 'scriptmesh run --agent=w', ['scriptmesh', 'run', '--agent', '=', 'w'], ['web-1']],
    [
      'what follows a bare =',
      'scriptmesh runs list --output=',
      ['scriptmesh', 'runs', 'list', '--output', '='],
      ['table', 'json', 'ndjson', 'name'],
    ],
    ['what follows an @', 'scriptmesh agents show db@w', ['scriptmesh', 'agents', 'show', 'db', '@', 'w'], ['west']],
    [
      'words after an address',
      'scriptmesh --url http://x sta',
      ['scriptmesh', '--url', 'http', ':', '//x', 'sta'],
      ['status'],
    ],
    ['scripts', 'scriptmesh run h', ['scriptmesh', 'run', 'h'], ['hello_world']],
    ['runs', 'scriptmesh runs show ', ['scriptmesh', 'runs', 'show', ''], [RUN.id]],
  ])('bash completes %s', async (_name, line, words, values) => {
    expect(await completeInBash(line, words)).toEqual(values);
  });

  it('bash gets nothing when the orchestrator does not answer', async () => {
    const nobody = { ORCHESTRATOR_URL: 'http://127.0.0.1:9' };
    expect(await completeInBash('scriptmesh run x -a ', ['scriptmesh', 'run', 'x', '-a', ''], nobody)).toEqual([]);
  });

  it.skipIf(!has('zsh'))('zsh completes agents (skipped where zsh is not installed)', async () => {
    const script = `compdef() { :; }
_describe() { print -l -- "\${(@P)2}"; }
source <(scriptmesh completion zsh)
words=(scriptmesh run x -a w); CURRENT=5
_scriptmesh`;
    expect(await inShell('zsh', script)).toEqual(['web-1:online']);
  });

  it.skipIf(!has('fish'))('fish completes agents (skipped where fish is not installed)', async () => {
    const script = `scriptmesh completion fish | source\ncomplete -C 'scriptmesh run x -a w'`;
    expect(await inShell('fish', script)).toEqual(['web-1\tonline']);
  });
});
