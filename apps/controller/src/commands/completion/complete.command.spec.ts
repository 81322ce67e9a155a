import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeshError } from '@scriptmesh/contracts';
import { anAgentResource, answerJson, answerNothing, answerText, aRunResource, MovedClock } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';

const RUN = aRunResource();

describe('scriptmesh __complete', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
    // However slow this machine is, patience ends only where a test says so.
    cli.clock = new MovedClock();
    const page = (...items: object[]) => answerJson({ items, next: 'more' });
    const context = (name: string) => ({ name, url: 'http://x', apiKey: null });
    cli.contexts.book = { current: 'north', contexts: [context('north'), context('south')] };
    cli.api.answer('GET /api/v1/agents', page(anAgentResource(), anAgentResource({ name: 'web-1' })));
    cli.api.answer('GET /api/v1/scripts', page({ name: 'backup', agents: [], description: 'Saves\nall.' }));
    cli.api.answer(
      'GET /api/v1/agents/db-1/scripts',
      answerJson({ items: [{ name: 'vacuum', description: null }], next: null }),
    );
    cli.api.answer('GET /api/v1/runs', page(RUN));
  });
  afterEach(() => cli.stop());

  /** The values alone; the last word of `line` is being typed, so a blank at its end begins a new one. */
  const complete = async (line: string): Promise<string[]> => {
    const before = cli.terminal.outText.length;
    expect(await cli.run(['__complete', '--', ...line.split(' ')])).toBe(0);
    expect(cli.terminal.errText).toBe('');
    const lines = cli.terminal.outText.slice(before).split('\n').slice(0, -1);
    return lines.map((text) => text.split('\t')[0] ?? '');
  };

  it.each([
    ['commands', 'ru', ['run', 'runs']],
    ['sub-commands', 'runs ', ['list', 'show', 'output', 'watch', 'cancel', 'retry', 'events', 'explain', 'help']],
    ['commands after a global flag', '--url http://x agents l', ['list', 'label', 'logs']],
    ['commands after help', 'help sta', ['status']],
    ['flags', 'runs list --s', ['--state', '--script']],
    ['global flags anywhere', 'runs list --api', ['--api-key-file']],
    ['the version at the top alone', '--v', ['--version']],
    ['not the version below', 'status --v', []],
    ['choices of a flag', 'runs list -o ', ['table', 'json', 'ndjson', 'name']],
    ['choices in the same word', 'runs list --output=j', ['--output=json']],
    ['nothing after --', 'agent start -- --p', []],
    ['nothing for free text', 'run backup -p ', []],
    ['nothing where no argument is left', 'status ', []],
    ['shells', 'completion ', ['bash', 'zsh', 'fish']],
    ['fields of the manifest', 'explain scripts.t', ['scripts.timeoutSeconds']],
    ['contexts', 'context use n', ['north']],
    ['contexts of the flag', '--context ', ['north', 'south']],
    ['no context for a new one', 'context add ', []],
    ['nothing below what does not exist', 'nonsense ', []],
  ])('knows %s without asking anyone', async (_name, line, values) => {
    expect(await complete(line)).toEqual(values);
    expect(cli.api.requests).toHaveLength(0);
  });

  it('does not show itself', async () => {
    expect(await complete('__')).toEqual([]);
    await cli.run('--help');
    expect(cli.terminal.outText).not.toContain('__complete');
  });

  it.each([
    ['agents after -a', 'run backup -a ', ['db-1', 'web-1']],
    ['agents after --agent=', 'scripts list --agent=w', ['--agent=web-1']],
    ['agents as an argument', 'agents show d', ['db-1']],
    ['scripts after run', 'run ', ['backup']],
    ['scripts of the agent named before', 'run -a db-1 ', ['vacuum']],
    ['scripts of a flag', 'runs list -s b', ['backup']],
    ['ids after runs show', 'runs show ', [RUN.id]],
    ['ids after runs cancel', 'runs cancel ', [RUN.id]],
    ['further ids after runs cancel', `runs cancel ${RUN.id} `, [RUN.id]],
    ['ids after runs retry', 'runs retry --wait=5 ', [RUN.id]],
    ['ids of a flag', 'runs list --retry-of ', [RUN.id]],
    ['ids after runs output and a flag', 'runs output -f 019', [RUN.id]],
  ])('asks for %s, one request and one page', async (_name, line, values) => {
    expect(await complete(line)).toEqual(values);
    expect(cli.api.requests).toHaveLength(1);
  });

  it('asks for no more than one page can hold', async () => {
    await complete('run -a ');
    await complete('runs show ');
    expect(cli.api.requests.map(({ url }) => url)).toEqual(['/api/v1/agents?limit=500', '/api/v1/runs?limit=50']);
  });

  it('gives a note after a tab, on the same line', async () => {
    await cli.run(['__complete', '--', 'run', '']);
    expect(cli.terminal.outText).toBe('backup\tSaves\\nall.\n');
  });

  it('asks the orchestrator that the words being typed name', async () => {
    await complete(`--url ${cli.api.url} --api-key-file=/k run x -a `);
    expect(cli.settings.flags).toEqual({ url: cli.api.url, apiKeyFile: '/k' });
  });

  it('leaves out names that a shell would obey', async () => {
    const names = ['$(reboot)', 'a b', '`id`', '-rf', 'a;b', 'good@1'];
    cli.api.answer('GET /api/v1/agents', answerJson({ items: names.map((name) => ({ name })), next: null }));
    expect(await complete('agents show ')).toEqual(['good@1']);
  });

  it('prints nothing when no answer has come after 1.5 seconds', async () => {
    const clock = new MovedClock();
    cli.clock = clock;
    cli.api.answer('GET /api/v1/agents', () => void clock.advance(1500));
    expect(await complete('run x -a ')).toEqual([]);
    expect(clock.monotonicMs()).toBe(1500);
  });

  it('prints nothing when there is no answer, no list, no key or no right setting', async () => {
    for (const answer of [answerNothing, answerText('<html>', 'text/html', 502), answerJson({ items: [null] })]) {
      cli.api.answer('GET /api/v1/agents', answer);
      expect(await complete('run x -a ')).toEqual([]);
    }
    cli.settings.apiKey = null;
    expect(await complete('run x -a ')).toEqual([]);
    cli.settings.fault = new MeshError('settings/invalid', 'wrong');
    expect(await complete('run x -a ')).toEqual([]);
  });
});

describe('scriptmesh completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints what %s loads', async (shell) => {
    const cli = await CliBench.start();
    expect(await cli.run(`completion ${shell}`)).toBe(0);
    expect(cli.terminal.outText).toContain('command scriptmesh __complete -- ');
    await cli.stop();
  });

  it('refuses another shell with 2 and names those it knows', async () => {
    const cli = await CliBench.start();
    expect(await cli.run('completion tcsh')).toBe(2);
    expect(cli.terminal.errText).toContain('bash, zsh, fish');
    await cli.stop();
  });
});
