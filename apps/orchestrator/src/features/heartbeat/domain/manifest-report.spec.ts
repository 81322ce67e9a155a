import { describe, expect, it } from 'vitest';
import { parseManifestReport } from './manifest-report.js';

const parse = (value: unknown) =>
  parseManifestReport(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

describe('parseManifestReport', () => {
  it('keeps the fields of a script and nothing else', () => {
    const report = parse({
      scripts: [{ name: 'hello', path: 'scripts/hello.sh', timeoutSeconds: 5, secretPlan: 'x' }],
      faults: ['scripts[1].path: must not be absolute'],
    });
    expect(report).toEqual({
      scripts: [
        {
          name: 'hello',
          path: 'scripts/hello.sh',
          description: null,
          interpreter: null,
          timeoutSeconds: 5,
          maxConcurrent: null,
          idempotent: false,
          problem: null,
        },
      ],
      faults: ['scripts[1].path: must not be absolute'],
    });
  });

  it.each(['', '{', 'null', '[]', '"x"', '{"scripts":{}}', '{"scripts":null}'])('takes %j for no report', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('leaves out what a hostile agent might send in place of a script', () => {
    const names = ['__proto__', 'constructor', '../x', 7, null, {}, 'a/b', 'x'.repeat(129)];
    expect(
      parse({ scripts: [null, 7, 'x', [], ...names.map((name) => ({ name, path: 'p' }))], faults: [7, null] }),
    ).toEqual({
      scripts: [],
      faults: [],
    });
  });

  it('bounds the number of scripts and the length of texts', () => {
    const scripts = Array.from({ length: 2000 }, (_, i) => ({ name: `s${i}`, path: 'p'.repeat(10_000) }));
    const report = parse({ scripts });
    expect(report?.scripts).toHaveLength(1000);
    expect(report?.scripts[0]?.path).toHaveLength(2048);
  });

  it('takes wrong limits for none', () => {
    const [script] =
      parse({ scripts: [{ name: 'a', path: 'p', timeoutSeconds: '5', maxConcurrent: -1 }] })?.scripts ?? [];
    expect(script).toMatchObject({ timeoutSeconds: null, maxConcurrent: null });
  });
});
