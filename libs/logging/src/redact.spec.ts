import { describe, expect, it } from 'vitest';
import { isSecretName, Redactor } from './redact.js';

const CANARY = 'canary-0123456789-+/=abcdef';

/** A redactor that knows the canary. */
function aRedactor(): Redactor {
  const redactor = new Redactor();
  redactor.registerSecret(CANARY);
  return redactor;
}

describe('names of secrets', () => {
  it.each([
    'key',
    'apiKey',
    'api_key',
    'x-api-key',
    'X-API-Key',
    'mainKey',
    'keys',
    'fernetKeys',
    'token',
    'enrolmentToken',
    'accessTokens',
    'secret',
    'password',
    'dbPassword',
    'passwd',
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'set-cookie',
    'SCRIPT_MESH_MAIN_KEY',
    'privateKeyPem',
  ])('%s tells of a secret', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each([
    'keyId',
    'keyFile',
    'SCRIPT_MESH_MAIN_KEY_FILE',
    'monkey',
    'keyboard',
    'runId',
    'badKeysPerMinute',
    'tokenCount',
  ])('%s does not', (name) => {
    expect(isSecretName(name)).toBe(false);
  });
});

describe('Redactor', () => {
  it('replaces values of such names at every depth, whatever they are', () => {
    const shown = new Redactor().redact({
      a: { headers: { 'x-api-key': 'x', other: 'y' } },
      keys: ['x'],
      token: { b: 1 },
      pin: 1,
    });
    expect(shown).toEqual({
      a: { headers: { 'x-api-key': '[redacted]', other: 'y' } },
      keys: '[redacted]',
      token: '[redacted]',
      pin: 1,
    });
  });

  it('shows whether there is one', () => {
    expect(new Redactor().redact({ hasKey: true, apiKey: null })).toEqual({ hasKey: true, apiKey: null });
  });

  it.each([
    ['a text', `before ${CANARY} after`],
    ['a name', { [CANARY]: 1 }],
    ['a nested text', { a: [{ b: CANARY }] }],
    ['an error', new Error(`failed with ${CANARY}`)],
    ['the cause of an error', new Error('failed', { cause: new Error(CANARY) })],
    ['a cause that is no error', new Error('failed', { cause: { text: CANARY } })],
    ['an error of many', new AggregateError([new Error(CANARY)], 'failed')],
    ['the code of an error', Object.assign(new Error('failed'), { code: CANARY })],
    ['a map', new Map([['a', CANARY]])],
    ['a set', new Set([CANARY])],
    ['an address', new URL(`http://host/?q=${encodeURIComponent(CANARY)}`)],
    ['an encoded text', encodeURIComponent(CANARY)],
    ['bytes', Buffer.from(CANARY)],
  ])('lets no registered secret through in %s', (_what, value) => {
    const shown = JSON.stringify(aRedactor().redact({ value }));
    expect(shown).not.toContain(CANARY);
    expect(shown).not.toContain(encodeURIComponent(CANARY));
    expect(shown).not.toContain(CANARY.slice(0, 17));
  });

  it('replaces the longer of two secrets of which one begins with the other', () => {
    const redactor = new Redactor();
    redactor.registerSecret('abcdef');
    redactor.registerSecret('abcdefghij');
    expect(redactor.redactText('abcdefghij abcdef')).toBe('[redacted] [redacted]');
  });

  it('ignores secrets so short that they stand in every word', () => {
    const redactor = new Redactor();
    for (const short of ['', 'a', 'run']) redactor.registerSecret(short);
    expect(redactor.redactText('a run')).toBe('a run');
  });

  it.each([
    'GET /x?x-api-key=CANARY HTTP/1.1',
    'GET /x?a=1&access_token=CANARY&b=2',
    'x-api-key: CANARY',
    '{"X-API-Key":"CANARY"}',
    'authorization: Bearer CANARY',
    'cookie: a=b; session=CANARY',
    'postgres://mesh:CANARY@db/mesh',
  ])('replaces what nobody has registered in %j', (text) => {
    const shown = new Redactor().redactText(text);
    expect(shown).toContain('[redacted]');
    expect(shown).not.toContain('CANARY');
  });

  it.each([
    'the key is wrong',
    'run/not-found: no run 1',
    'http://127.0.0.1:8000/docs',
    'a@b',
    'http://[::1]:8000/a@b',
  ])('leaves %j as it is', (text) => {
    expect(aRedactor().redactText(text)).toBe(text);
  });

  it('stays bounded on cycles, depth, width and length', () => {
    const cycle: Record<string, unknown> = { name: 'cycle' };
    cycle['self'] = cycle;
    expect(JSON.stringify(new Redactor().redact(cycle))).toContain('[too deep]');
    expect(new Redactor().redact(Array(100_000).fill(1))).toHaveLength(100);
    expect(new Redactor().redactText('x'.repeat(10_000_000)).length).toBeLessThan(20_000);
  });

  it('is quick on texts that are made to be slow', () => {
    const begun = performance.now();
    for (const text of ['://:'.repeat(5000), '?key'.repeat(5000), `?${'key'.repeat(5000)}`, 'cookie '.repeat(3000)]) {
      new Redactor().redactText(text);
    }
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it('shows dates, numbers and other things as what they are', () => {
    const shown = new Redactor().redact({
      at: new Date(0),
      never: new Date(Number.NaN),
      big: 12n,
      work: () => 1,
      mark: Symbol('x'),
      nothing: undefined,
    });
    expect(shown).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      never: '[no date]',
      big: '12',
      work: '[function]',
      mark: '[symbol]',
      nothing: undefined,
    });
  });

  it('takes no name for a prototype', () => {
    const shown = new Redactor().redact(JSON.parse('{"__proto__": {"polluted": 1}}')) as object;
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
