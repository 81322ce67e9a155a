import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeshError } from '@scriptmesh/contracts';
import { answerJson } from '@scriptmesh/testing';
import { CliBench } from '../../test-support/cli-bench.js';

const STATUS = { version: '1.0.0', startedAt: 'T', agents: {}, runs: {} };

describe('contexts', () => {
  let cli: CliBench;
  beforeEach(async () => {
    cli = await CliBench.start();
    cli.api.answer('GET /api/v1/status', answerJson(STATUS));
  });
  afterEach(() => cli.stop());

  const shown = async (line: string): Promise<string> => {
    const before = cli.terminal.outText.length;
    expect(await cli.run(line)).toBe(0);
    return cli.terminal.outText.slice(before);
  };

  describe('scriptmesh context', () => {
    it('adds, uses, lists, shows and removes', async () => {
      expect(await cli.run('context add prod --url https://prod/')).toBe(0);
      expect(await cli.run('context add lab --url http://lab:8000')).toBe(0);
      expect(await shown('context list -o name')).toBe('prod\nlab\n');
      expect(JSON.parse(await shown('context show -o json'))).toEqual({
        name: 'prod',
        url: 'https://prod',
        current: true,
        hasKey: false,
      });
      expect(await cli.run('context use lab')).toBe(0);
      expect(await shown('context show')).toMatch(/^name +lab$/m);
      expect(await shown('context show prod -o ndjson')).toContain('"current":false');
      expect(await cli.run('context remove lab')).toBe(0);
      expect(cli.contexts.book).toEqual({
        current: null,
        contexts: [{ name: 'prod', url: 'https://prod', apiKey: null }],
      });
      expect(cli.terminal.errText).toContain('No context is in use now');
    });

    it('never shows a key', async () => {
      const apiKey = 'a-secret-key-of-32-characters-or-more';
      cli.contexts.book = { current: 'a', contexts: [{ name: 'a', url: 'http://a', apiKey }] };
      for (const format of ['table', 'json', 'ndjson', 'name']) {
        await shown(`context list -o ${format}`);
        await shown(`context show -o ${format}`);
      }
      expect(cli.terminal.outText).not.toContain(apiKey);
      expect(cli.terminal.outText).toMatch(/^a +yes +http:\/\/a +stored$/m);
    });

    it.each([
      ['without --url', 'context add a', 2, '--url'],
      ['with another protocol', 'context add a --url ftp://a', 2, 'http or https'],
      ['with a user in the address', 'context add a --url http://me:secret@a', 2, 'http or https'],
      ['with a name that is none', 'context add a/b --url http://a', 2, 'Names begin with'],
      ['that is there already', 'context add taken --url http://a', 5, 'scriptmesh context remove taken'],
      ['to use that is not there', 'context use gone', 3, 'there is: taken'],
      ['to remove that is not there', 'context remove gone', 3, 'there is: taken'],
      ['to show that is not there', 'context show gone', 3, 'scriptmesh context add'],
      ['to show when none is in use', 'context show', 3, 'scriptmesh context use'],
    ])('refuses a context %s', async (_name, line, code, told) => {
      const book = { current: null, contexts: [{ name: 'taken', url: 'http://taken', apiKey: null }] };
      cli.contexts.book = book;
      expect(await cli.run(line)).toBe(code);
      expect(cli.terminal.errText).toContain(told);
      expect(cli.terminal.errText).not.toContain('secret');
      expect(cli.contexts.book).toBe(book);
    });

    it('says on stderr that there are none', async () => {
      expect(await shown('context list')).toBe('');
      expect(cli.terminal.errText).toContain('scriptmesh context add');
    });
  });

  it('takes --context with every command', async () => {
    expect(await cli.run('status --context lab')).toBe(0);
    expect(cli.settings.flags).toEqual({ context: 'lab' });
  });

  describe('scriptmesh login', () => {
    const keepOne = (apiKey: string | null = null): void => {
      cli.contexts.book = { current: 'a', contexts: [{ name: 'a', url: cli.api.url, apiKey }] };
    };
    const keptKey = (): unknown => cli.contexts.book.contexts[0]?.apiKey;

    it('asks at the terminal, checks the key and keeps it', async () => {
      keepOne();
      cli.keyboard.type(cli.api.key);
      expect(await cli.run('login')).toBe(0);
      expect(keptKey()).toBe(cli.api.key);
      expect(cli.api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /api/v1/status']);
      expect(cli.terminal.errText).toContain(cli.api.url);
      expect(cli.terminal.errText + cli.terminal.outText).not.toContain(cli.api.key);
    });

    it('reads it from a pipe', async () => {
      keepOne();
      cli.keyboard.piped = `${cli.api.key}\n`;
      expect(await cli.run('login')).toBe(0);
      expect(keptKey()).toBe(cli.api.key);
    });

    it('makes a first context when there is none', async () => {
      cli.keyboard.piped = cli.api.key;
      expect(await cli.run('login')).toBe(0);
      expect(cli.contexts.book).toEqual({
        current: 'default',
        contexts: [{ name: 'default', url: cli.api.url, apiKey: cli.api.key }],
      });
    });

    it.each([
      ['a wrong key', 'x'.repeat(40), 4],
      ['an empty key', '', 2],
      ['two keys', 'a\nb', 2],
      ['a whole file', 'x'.repeat(5000), 2],
    ])('keeps nothing of %s', async (_name, piped, code) => {
      keepOne('old');
      cli.keyboard.piped = piped;
      expect(await cli.run('login')).toBe(code);
      expect(keptKey()).toBe('old');
      if (piped !== '') expect(cli.terminal.errText).not.toContain(piped);
    });

    it('keeps nothing when the orchestrator cannot be asked', async () => {
      cli.contexts.book = { current: 'a', contexts: [{ name: 'a', url: 'http://127.0.0.1:1', apiKey: null }] };
      cli.keyboard.piped = cli.api.key;
      expect(await cli.run('login')).toBe(6);
      expect(keptKey()).toBeNull();
    });

    it('is for the context of --context, and not for another address than its own', async () => {
      keepOne();
      cli.contexts.save({
        current: 'b',
        contexts: [...cli.contexts.book.contexts, { name: 'b', url: 'http://127.0.0.1:1', apiKey: null }],
      });
      cli.keyboard.piped = cli.api.key;
      expect(await cli.run('login --context a')).toBe(0);
      expect(keptKey()).toBe(cli.api.key);
      expect(await cli.run('login --context c')).toBe(3);
      expect(await cli.run(`login --url http://127.0.0.1:2`)).toBe(2);
      expect(cli.terminal.errText).toContain('scriptmesh context add NAME --url http://127.0.0.1:2');
    });

    it.each([
      ['interrupt', 130],
      ['end', 2],
    ] as const)('is left quietly by %s', async (by, code) => {
      keepOne();
      cli.keyboard.press(by);
      expect(await cli.run('login')).toBe(code);
      expect(cli.terminal.errText).toBe(`Key for ${cli.api.url}: `);
      expect(keptKey()).toBeNull();
    });

    it('ends with 2 when the kept file is open to others', async () => {
      cli.contexts.load = () => {
        throw new MeshError('settings/invalid', 'open to others', { hint: 'Run: chmod 600 F' });
      };
      expect(await cli.run('login')).toBe(2);
      expect(cli.terminal.errText).toContain('chmod 600');
    });

    it('logout forgets the key and says when there was none', async () => {
      keepOne('old');
      expect(await cli.run('logout')).toBe(0);
      expect(keptKey()).toBeNull();
      expect(await cli.run('logout --context a')).toBe(0);
      expect(cli.terminal.errText).toContain('No key is kept');
    });
  });
});
