import { describe, expect, it } from 'vitest';
import type { LegacyAnswer } from '../../../legacy-calls/index.js';
import { judgeLegacyAnswer } from './judge-legacy-answer.js';

const answered = (status: number, body: unknown): LegacyAnswer => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const failed = (returncode: unknown) =>
  answered(500, { error: 'Script execution failed', script: 's', stderr: 'e', returncode });

describe('judgeLegacyAnswer', () => {
  it('takes exactly 200 for success', () => {
    const output = { stdout: 'o', stderr: 'e', returncode: 0 };
    expect(judgeLegacyAnswer(answered(200, { status: 'success', script: 's', output }))).toEqual({
      kind: 'ended',
      code: 0,
      signal: null,
      stdout: 'o',
      stderr: 'e',
      isComplete: true,
    });
    expect(judgeLegacyAnswer(answered(200, { output: { returncode: 0 } }))).toMatchObject({
      kind: 'ended',
      code: 0,
      isComplete: false,
    });
    expect(judgeLegacyAnswer(answered(204, { output }))).toMatchObject({ kind: 'lost' });
  });

  it.each([
    '',
    '<html>Please log in</html>',
    '[]',
    '{"status":"success"}',
    '{"output":null}',
    '{"output":{"stdout":"","stderr":"","returncode":"0"}}',
    '{"__proto__":{"output":{"stdout":"x","returncode":0}}}',
  ])('does not take 200 %j for a script that succeeded', (body) => {
    expect(judgeLegacyAnswer(answered(200, body))).toMatchObject({ kind: 'lost' });
  });

  it('believes a return code that contradicts 200', () => {
    const output = { stdout: 'o', stderr: 'e', returncode: 1 };
    expect(judgeLegacyAnswer(answered(200, { output }))).toMatchObject({ kind: 'ended', code: 1, stdout: 'o' });
    expect(judgeLegacyAnswer(answered(200, { output: { ...output, returncode: -9 } }))).toMatchObject({
      code: null,
      signal: 'SIGKILL',
    });
  });

  it.each([
    [3, { kind: 'ended', code: 3, signal: null, stderr: 'e', isComplete: false }],
    [-9, { kind: 'ended', code: null, signal: 'SIGKILL' }],
    [-15, { kind: 'ended', code: null, signal: 'SIGTERM' }],
    [-99, { kind: 'ended', code: null, signal: 'signal 99' }],
    [0, { kind: 'lost' }],
    ['3', { kind: 'lost' }],
    [1.5, { kind: 'lost' }],
  ])('reads the return code %j', (returncode, outcome) => {
    expect(judgeLegacyAnswer(failed(returncode))).toMatchObject(outcome);
  });

  it.each([
    [answered(404, { detail: 'Script not found in manifest' }), { kind: 'rejected', code: 'script/not-found' }],
    [answered(404, { detail: 'Script file missing on disk' }), { kind: 'rejected', code: 'script/file-missing' }],
    [answered(422, { detail: [] }), { kind: 'rejected', code: 'params/invalid' }],
    [answered(404, { detail: 'Not Found' }), { kind: 'returned' }],
    [answered(404, { detail: 'toString' }), { kind: 'returned' }],
    [answered(401, { detail: 'Unauthorized: Invalid or missing API key' }), { kind: 'returned' }],
    [{ kind: 'not-sent', why: 'ECONNREFUSED' } as const, { kind: 'returned', why: 'ECONNREFUSED' }],
    [{ kind: 'unknown', why: 'ECONNRESET' } as const, { kind: 'lost' }],
    [answered(500, { error: 'An internal error has occurred.' }), { kind: 'lost' }],
    [answered(502, '<html>'), { kind: 'lost' }],
    [answered(302, ''), { kind: 'lost' }],
  ])('judges %j', (answer, outcome) => {
    expect(judgeLegacyAnswer(answer)).toMatchObject(outcome);
  });
});
