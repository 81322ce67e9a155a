import { describe, expect, it } from 'vitest';
import type { AgentId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { Fernet, makeFernetKey } from './fernet.js';
import { SecretBox } from './secret-box.js';

const ONE = '019b7600-0000-7000-8000-000000000001' as AgentId;
const TWO = '019b7600-0000-7000-8000-000000000002' as AgentId;
const SECRET = 'the-secret-of-one';

describe('SecretBox', () => {
  const key = makeFernetKey();
  const box = new SecretBox([key], new MovedClock());

  it('gives an agent its secret back', () => {
    expect(box.open(ONE, box.seal(ONE, SECRET))).toBe(SECRET);
  });

  it('does not show the secret in the token', () => {
    const token = box.seal(ONE, SECRET);
    expect(Buffer.from(token, 'base64url').includes(SECRET)).toBe(false);
  });

  it('refuses a token that was swapped with the one of another agent', () => {
    const token = box.seal(ONE, SECRET);
    expect(() => box.open(TWO, token)).toThrow(/^crypto\/bad-token.*belongs to another agent/);
  });

  it('refuses a token of another installation without showing the token', () => {
    const token = new SecretBox([makeFernetKey()], new MovedClock()).seal(ONE, SECRET);
    expect(() => box.open(ONE, token)).toThrow('crypto/bad-token');
    expect(() => box.open(ONE, token)).not.toThrow(token);
  });

  it.each(['', 'not a token', 'gAAAAA=='])('refuses %j', (token) => {
    expect(() => box.open(ONE, token)).toThrow('crypto/bad-token');
  });

  it.each(['plain text', 'null', '"text"', '{"agentId":1}', '{"secret":"s"}'])(
    'refuses a Fernet token that holds %s',
    (plain) => {
      const token = new Fernet(key).encrypt(Buffer.from(plain), 0);
      expect(() => box.open(ONE, token)).toThrow('crypto/bad-token');
    },
  );

  it('encrypts with the newest key and still opens what older keys made', () => {
    const newest = makeFernetKey();
    const rotated = new SecretBox([newest, key], new MovedClock());
    expect(rotated.open(ONE, box.seal(ONE, SECRET))).toBe(SECRET);
    expect(new SecretBox([newest], new MovedClock()).open(ONE, rotated.seal(ONE, SECRET))).toBe(SECRET);
    expect(() => box.open(ONE, rotated.seal(ONE, SECRET))).toThrow('crypto/bad-token');
  });

  it('seals nothing without a key', () => {
    expect(() => new SecretBox([], new MovedClock()).seal(ONE, SECRET)).toThrow('crypto/wrong-fernet-key');
  });

  it('writes the time of the clock into the token, as Fernet asks', () => {
    const token = box.seal(ONE, SECRET);
    expect(Buffer.from(token, 'base64url').readBigUInt64BE(1)).toBe(BigInt(Date.UTC(2026, 0, 1) / 1000));
  });
});
