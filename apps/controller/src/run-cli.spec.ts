import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeshError } from '@scriptmesh/contracts';
import { answerJson, answerProblem, answerText, FakeApi } from '@scriptmesh/testing';
import { CliBench } from '../test-support/cli-bench.js';

const STATUS = { version: '1.0.0', startedAt: 'T', agents: { online: 1 }, runs: {} };

describe('the command line', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
  });
  afterEach(() => cli.stop());

  describe('is strict where nest-commander is not', () => {
    it.each([
      ['a choice outside the list', 'agents list -o xml', 'Allowed are table, json, ndjson, name'],
      ['an unknown command', 'agnets list', "unknown command 'agnets'"],
      ['an unknown sub-command', 'agents lst', 'scriptmesh agents list'],
      ['a group without a command', 'runs', 'scriptmesh runs show'],
      ['an unknown option', 'agents list --colour', "unknown option '--colour'"],
      ['an argument too many', 'agents list db-1', 'too many arguments'],
      ['an argument too many for a script', 'run hello_world more -a db-1', 'too many arguments'],
      ['a missing argument', 'agents show', "missing required argument 'agent'"],
      ['a missing option', 'run hello_world', '-a, --agent <agent>'],
      ['a number that is none', 'runs list --limit -1', 'A whole number from 1 on is needed'],
      ['a parameter without a value', 'run x -a a --param b', 'name=value'],
      ['a parameter given twice', 'run x -a a -p b=1 -p b=2', 'given twice'],
      ['a label change that is none', 'agents label db-1 zone', 'name-'],
      ['a key on the command line', 'status --api-key abc', 'every user of this machine can read it'],
      ['a key before the command', '--token=abc status', 'scriptmesh login'],
      ['a state that is none', 'runs list --state done', 'Allowed are queued'],
    ])('refuses %s with exit code 2', async (_name, line, told) => {
      expect(await cli.run(line)).toBe(2);
      expect(cli.terminal.errText).toContain(told);
      expect(cli.terminal.outText).toBe('');
      expect(cli.api.requests).toHaveLength(0);
    });

    it('says where help is', async () => {
      await cli.run('agents list --colour');
      expect(cli.terminal.errText).toContain('scriptmesh agents list --help');
    });

    it('shows the help and ends with 2 when nothing was asked', async () => {
      expect(await cli.run('')).toBe(2);
      expect(cli.terminal.errText).toContain('Usage: scriptmesh');
    });
  });

  describe('helps', () => {
    it.each([
      '--help',
      'agents --help',
      'context --help',
      'api --help',
      'runs watch --help',
      'login --help',
      'menu --help',
      'agents list --help',
      'help run',
      'run -h',
      'agents help list',
      'agent start -h',
    ])('%s: examples first, the right name, exit code 0, on stdout', async (line) => {
      expect(await cli.run(line)).toBe(0);
      const { outText, errText } = cli.terminal;
      expect(outText).toContain('Usage: scriptmesh');
      expect(outText).not.toMatch(/main\.js|index\.js|vitest/);
      expect(outText.startsWith('Examples:\n  $ scriptmesh ')).toBe(true);
      expect(errText).toBe('');
    });

    it('lists the global flags with every command', async () => {
      await cli.run('runs list --help');
      expect(cli.terminal.outText).toContain('--api-key-file <file>');
    });

    it('prints the version', async () => {
      expect(await cli.run('--version')).toBe(0);
      expect(cli.terminal.outText).toBe('1.2.3\n');
    });
  });

  describe('keeps in its log', () => {
    it('the name and the exit code of a command, and why it failed', async () => {
      cli.api.answer('GET /api/v1/status', answerJson(STATUS));
      await cli.run('status');
      cli.api.answer('GET /api/v1/agents/x', answerProblem('agent/not-found', 'no agent x'));
      await cli.run('agents show x');
      const error = expect.objectContaining({ facts: expect.objectContaining({ serverCode: 'agent/not-found' }) });
      expect(cli.commandLog.ended).toEqual([
        { command: 'status', exitCode: 0 },
        { command: 'agents show', exitCode: 3, error },
      ]);
    });

    it.each(['--help', 'agents list --help', 'help run', '--version', 'agnets list', 'agents show'])(
      'nothing of %s',
      async (line) => {
        await cli.run(line);
        expect(cli.commandLog.ended).toEqual([]);
      },
    );
  });

  describe('ends with', () => {
    const statusWith = (answer: Parameters<FakeApi['answer']>[1]): Promise<number> => {
      cli.api.answer('GET /api/v1/status', answer);
      return cli.run('status');
    };

    it('0 when all is well', async () => expect(await statusWith(answerJson(STATUS))).toBe(0));
    it('1 for what has no code of its own', async () =>
      expect(await statusWith(answerProblem('store/full', 'no room'))).toBe(1));
    it('78 for a home folder that cannot be made', async () => {
      const faults = [{ path: 'SCRIPT_MESH_HOME', message: 'cannot be made' }];
      cli.settings.fault = new MeshError('settings/invalid', 'settings of the command line are wrong', { faults });
      expect(await cli.run('status')).toBe(78);
    });

    it('2 for settings that are wrong', async () => {
      cli.settings.fault = new MeshError('settings/invalid', 'ORCHESTRATOR_URL is not a URL');
      expect(await cli.run('status')).toBe(2);
    });
    it('3 for what is not there', async () => {
      cli.api.answer('GET /api/v1/agents/x', answerProblem('agent/not-found', 'no agent x'));
      expect(await cli.run('agents show x')).toBe(3);
    });
    it('4 for a bad key, a missing key and one that is not allowed to', async () => {
      cli.settings.apiKey = 'wrong';
      expect(await cli.run('status')).toBe(4);
      cli.settings.apiKey = null;
      expect(await cli.run('status')).toBe(4);
      cli.settings.apiKey = cli.api.key;
      expect(await statusWith(answerProblem('auth/forbidden', 'not you'))).toBe(4);
    });
    it('5 for a conflict', async () => {
      cli.api.answer('DELETE /api/v1/agents/x', answerProblem('run/wrong-state', 'has runs'));
      expect(await cli.run('agents remove x')).toBe(5);
    });
    it('6 when nothing listens, a proxy answers, or the orchestrator is stopping', async () => {
      expect(await statusWith(answerText('<html>', 'text/html', 502))).toBe(6);
      expect(await statusWith(answerProblem('orchestrator/stopping', 'stopping'))).toBe(6);
      expect(await cli.run('status --url http://127.0.0.1:1')).toBe(6);
      expect(cli.terminal.errText).toContain('connection refused');
    });
  });

  describe('tells errors', () => {
    beforeEach(() =>
      cli.api.answer(
        'GET /api/v1/agents/x',
        answerProblem('agent/not-found', 'no agent \u001b[31mx', { hint: 'List them.' }),
      ),
    );

    it('as what happened, why, what to do, with nothing on stdout', async () => {
      await cli.run('agents show x');
      expect(cli.terminal.errText).toBe(
        'scriptmesh: No such agent (agent/not-found)\n' +
          '  why: no agent \\x1b[31mx\n' +
          '  do:  List them.\n' +
          '  request id: req-1\n',
      );
      expect(cli.terminal.outText).toBe('');
    });

    it.each(['-o json', '--output=json', '-ojson', '-o ndjson'])(
      'as one line of problem+json with %s',
      async (flag) => {
        await cli.run(`agents show x ${flag}`);
        const problem: unknown = JSON.parse(cli.terminal.errText);
        expect(problem).toMatchObject({ code: 'agent/not-found', status: 404, hint: 'List them.', requestId: 'req-1' });
        expect(cli.terminal.errText.trimEnd()).not.toContain('\n');
      },
    );

    it('as JSON when the command line itself is wrong', async () => {
      expect(await cli.run('agents list --bad -o json')).toBe(2);
      expect(JSON.parse(cli.terminal.errText)).toMatchObject({ code: 'cli/usage' });
    });

    it('with all fields that are wrong', async () => {
      const errors = [{ path: 'params.a', message: 'must be a number' }];
      cli.api.answer('POST /api/v1/runs', answerProblem('params/invalid', 'bad', { errors }));
      await cli.run('run s -a a');
      expect(cli.terminal.errText).toContain('- params.a: must be a number');
    });
  });

  it('ends quietly when nobody reads its output any more', async () => {
    cli.api.answer('GET /api/v1/status', answerJson(STATUS));
    cli.terminal.outBreaksAfter = 0;
    expect(await cli.run('status')).toBe(0);
    expect(cli.terminal.errText).toBe('');
  });

  it('takes the global flags before and after the command', async () => {
    cli.api.answer('GET /api/v1/status', answerJson(STATUS));
    const flags = { url: cli.api.url, apiKeyFile: '/k' };
    for (const line of [`--url ${flags.url} --api-key-file /k status`, `status --url=${flags.url} --api-key-file /k`]) {
      cli.settings.flags = {};
      expect(await cli.run(line)).toBe(0);
      expect(cli.settings.flags).toEqual(flags);
    }
  });

  it.each([
    ['orchestrator start', 'orchestrator', []],
    ['orchestrator check-config', 'orchestrator', ['--check']],
    ['agent start -- --port 0', 'agent', ['--port', '0']],
    ['agent check', 'agent', ['--check']],
  ])('%s runs the program and passes its exit code on', async (line, program, args) => {
    cli.programs.exitCode = 78;
    expect(await cli.run(line)).toBe(78);
    expect(cli.programs.started).toEqual([{ program, args }]);
  });
});
