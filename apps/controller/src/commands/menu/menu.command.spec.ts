import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anAgentResource, answerEvents, answerJson, answerProblem, aRunResource } from '@scriptmesh/testing';
import { CliBench } from '../../../test-support/cli-bench.js';
import { commandText } from './command-text.js';
import { isMenuWanted } from './is-menu-wanted.js';

const RUN = aRunResource();
const script = (name: string, problem: string | null = null) => ({ name, path: name, description: null, problem });

describe('scriptmesh menu', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
    cli.onTerminal();
    const agents = [anAgentResource(), anAgentResource({ name: 'web-1' })];
    const scripts = [script('hello_world'), script('bad\u001b[31m', 'file missing')];
    cli.api
      .answer('GET /api/v1/agents', answerJson({ items: agents, next: null }))
      .answer('GET /api/v1/agents/web-1/scripts', answerJson({ items: scripts, next: null }))
      .answer('POST /api/v1/runs', answerJson({ ...RUN, state: 'queued' }, 202))
      .answer(
        `GET /api/v1/runs/${RUN.id}/output`,
        answerEvents([
          { event: 'output', data: { stream: 'stdout', offset: 0, text: 'hello\n' } },
          { event: 'end', data: RUN },
        ]),
      );
  });
  afterEach(() => cli.stop());

  it.each(['0', 'q', 'Q', 'exit'])('is left by %s with exit code 0', async (word) => {
    cli.keyboard.type(word);
    expect(await cli.run('menu')).toBe(0);
    expect(cli.terminal.errText).toMatch(
      /1 {2}read file\n {2}2 {2}list agents\n {2}3 {2}list scripts on agent\n {2}4 {2}trigger script on agent\n {2}0 {2}exit\n/,
    );
  });

  it('prints the equal command and runs it', async () => {
    cli.keyboard.type('2', '0');
    expect(await cli.run('menu')).toBe(0);
    expect(cli.terminal.errText).toContain('$ scriptmesh agents list\n');
    expect(cli.terminal.outText).toMatch(/^NAME +STATE/);
  });

  it.each([
    ['numbers', ['4', '2', '1', '0']],
    ['names', ['4', 'web-1', 'hello_world', '0']],
    ['a slip in between', ['4', '7', 'web-1', 'nonsense', '1', '0']],
  ])('triggers a script chosen by %s', async (_name, typed) => {
    cli.keyboard.type(...typed);
    expect(await cli.run('menu')).toBe(0);
    expect(cli.terminal.errText).toContain('$ scriptmesh run hello_world -a web-1\n');
    expect(cli.api.requestsTo('POST /api/v1/runs')[0]?.body).toMatchObject({ agent: 'web-1', script: 'hello_world' });
    expect(cli.terminal.outText).toBe('hello\n');
  });

  it('shows names without what a terminal would obey, and why a script may not run', async () => {
    cli.keyboard.type('4', '2', '', '0');
    await cli.run('menu');
    expect(cli.terminal.errText).toContain('2  bad\\x1b[31m  file missing\n');
    expect(cli.api.requestsTo('POST /api/v1/runs')).toHaveLength(0);
  });

  it('lists the scripts of an agent', async () => {
    cli.keyboard.type('3', 'web-1', '0');
    await cli.run('menu');
    expect(cli.terminal.errText).toContain('$ scriptmesh scripts list -a web-1\n');
    expect(cli.terminal.outText).toContain('hello_world');
  });

  it('asks for the path of a file and runs files read', async () => {
    cli.keyboard.type('1', "it's here.txt", '1', '', '0');
    await cli.run('menu');
    expect(cli.terminal.errText).toContain(`$ scriptmesh files read 'it'\\''s here.txt'\n`);
    expect(cli.terminal.errText.match(/\$ scriptmesh files read/g)).toHaveLength(1);
  });

  it('goes on after an error and tells the exit code of a command', async () => {
    cli.api.answer('GET /api/v1/agents', answerProblem('store/full', 'no room'));
    cli.keyboard.type('3', '2', 'nonsense', '0');
    expect(await cli.run('menu')).toBe(0);
    expect(cli.terminal.errText.match(/why: no room/g)).toHaveLength(2);
    expect(cli.terminal.errText).toContain('(exit code 1)');
    expect(cli.terminal.errText).toContain('There is no choice "nonsense"');
  });

  it('hands the flags on that it was given', async () => {
    cli.keyboard.type('2', '0');
    await cli.run('menu --context lab');
    expect(cli.terminal.errText).toContain('$ scriptmesh --context lab agents list\n');
    expect(cli.settings.flags).toEqual({ context: 'lab' });
  });

  it.each([
    ['end', 0],
    ['interrupt', 130],
  ] as const)('is left quietly by %s, also in the middle of a choice', async (by, code) => {
    cli.keyboard.press(by);
    expect(await cli.run('menu')).toBe(code);
    cli.keyboard.type('4').press(by);
    expect(await cli.run('menu')).toBe(code);
    expect(cli.terminal.errText).not.toContain('why:');
  });

  it('needs a terminal', async () => {
    expect(await cli.run('menu')).toBe(2);
    expect(cli.terminal.errText).toContain('needs a terminal');
  });

  it('opens for nobody but a person who asks for nothing', () => {
    const { terminal, keyboard } = cli;
    expect(isMenuWanted([], { terminal, keyboard })).toBe(false);
    keyboard.type();
    expect(isMenuWanted([], { terminal, keyboard })).toBe(true);
    expect(isMenuWanted(['status'], { terminal, keyboard })).toBe(false);
    terminal.outIsTerminal = false;
    expect(isMenuWanted([], { terminal, keyboard })).toBe(false);
  });
});

describe('commandText', () => {
  it('quotes what a shell would read otherwise', () => {
    expect(commandText(['run', 'a b', '-a', "x'y", '', '$HOME', '\u001b'])).toBe(
      `scriptmesh run 'a b' -a 'x'\\''y' '' '$HOME' '\\x1b'`,
    );
  });
});
