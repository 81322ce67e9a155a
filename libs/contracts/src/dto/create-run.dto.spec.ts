import { validate } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { CreateRunDto } from './create-run.dto.js';

const faultsOf = async (fields: object) => {
  const errors = await validate(Object.assign(new CreateRunDto(), { agent: 'db-3', script: 'hello_world', ...fields }));
  return errors.map(({ property, contexts }) => [
    property,
    Object.values(contexts ?? {}).some((c: { malformed?: boolean }) => c.malformed === true),
  ]);
};

describe('a request for a run', () => {
  it.each([
    '../hello',
    'scripts/hello.py',
    '/bin/sh',
    'a..b',
    'a b',
    'a\\b',
    'a\nb',
    '',
    'x'.repeat(129),
    7,
    ['a'],
    null,
    {},
  ])('is malformed when the script is %j', async (script) => {
    expect(await faultsOf({ script })).toEqual([['script', true]]);
  });

  it.each(['hello_world', '__proto__', 'toString', 'constructor', 'a.b@c-1'])(
    'leaves %s to be looked for',
    async (script) => {
      expect(await faultsOf({ script })).toEqual([]);
    },
  );

  it.each([[0], [-1], [1.5], ['60'], [1e12]])('does not take %j for a number of seconds', async (seconds) => {
    expect(await faultsOf({ timeoutSeconds: seconds, deliverWithinSeconds: seconds })).toEqual([
      ['timeoutSeconds', false],
      ['deliverWithinSeconds', false],
    ]);
  });

  it.each([[[]], ['a'], [7]])('takes no parameters but an object: %j', async (params) => {
    expect(await faultsOf({ params })).toEqual([['params', false]]);
  });
});
