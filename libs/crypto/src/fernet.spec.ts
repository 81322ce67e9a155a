import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Fernet, fernetFingerprint, isFernetKey, makeFernetKey } from './fernet.js';
import {
  INVALID_VECTORS,
  SPEC_IV,
  SPEC_KEY,
  SPEC_MADE_AT,
  SPEC_MAX_AGE_SECONDS,
  SPEC_PLAIN,
  SPEC_TOKEN,
  SPEC_VERIFIED_AT,
} from './test-support/fernet-vectors.js';

const seconds = (time: string): number => Date.parse(time) / 1000;
const ageAt = (time: string) => ({ maxAgeSeconds: SPEC_MAX_AGE_SECONDS, nowSeconds: seconds(time) });
const BINARY = Uint8Array.from({ length: 256 }, (_, index) => index);

describe("the Fernet spec's vectors", () => {
  const fernet = new Fernet(SPEC_KEY);

  it('generate.json: makes the same token from the same key, time and iv', () => {
    expect(fernet.encrypt(Buffer.from(SPEC_PLAIN), seconds(SPEC_MADE_AT), SPEC_IV)).toBe(SPEC_TOKEN);
  });

  it('verify.json: opens the token within its time', () => {
    expect(fernet.decrypt(SPEC_TOKEN, ageAt(SPEC_VERIFIED_AT))?.toString()).toBe(SPEC_PLAIN);
  });

  it.each(INVALID_VECTORS)('invalid.json: refuses $what', ({ token, now }) => {
    expect(fernet.decrypt(token, ageAt(now ?? SPEC_VERIFIED_AT))).toBeUndefined();
  });

  it('refuses only for its age what is too old or from the future', () => {
    const aged = INVALID_VECTORS.filter(({ what }) => what === 'expired TTL' || what.startsWith('far-future'));
    expect(aged.map(({ token }) => fernet.decrypt(token)?.length)).toEqual([0, 0]);
  });
});

describe('Fernet', () => {
  it.each([0, 1, 15, 16, 17, 4096])('gives %i bytes back unchanged', (length) => {
    const fernet = new Fernet(makeFernetKey());
    const plain = Buffer.alloc(length, 0xfe);
    expect(fernet.decrypt(fernet.encrypt(plain, 0))?.equals(plain)).toBe(true);
  });

  it('makes another token each time', () => {
    const fernet = new Fernet(SPEC_KEY);
    expect(fernet.encrypt(BINARY, 0)).not.toBe(fernet.encrypt(BINARY, 0));
  });

  it('refuses a token that was changed in any one character', () => {
    const fernet = new Fernet(SPEC_KEY);
    const changed = [...SPEC_TOKEN.replace(/=+$/, '')].map((letter, index) => {
      const other = letter === 'A' ? 'B' : 'A';
      return SPEC_TOKEN.slice(0, index) + other + SPEC_TOKEN.slice(index + 1);
    });
    // The last character carries four bits that belong to no byte; changing only those changes nothing.
    expect(changed.slice(0, -1).filter((token) => fernet.decrypt(token))).toEqual([]);
  });

  it.each(['', 'short', SPEC_KEY.slice(0, 43), `${SPEC_KEY}=`, SPEC_KEY.replace('_', '/'), `${SPEC_KEY}\n`])(
    'does not take %j for a key',
    (key) => {
      expect(isFernetKey(key)).toBe(false);
      expect(() => new Fernet(key)).toThrow('crypto/wrong-fernet-key');
    },
  );

  it('makes keys that are keys, with fingerprints that tell them apart and do not hold them', () => {
    const [one, two] = [makeFernetKey(), makeFernetKey()];
    expect([one, two].every(isFernetKey)).toBe(true);
    expect(fernetFingerprint(one)).toMatch(/^[0-9a-f]{16}$/);
    expect(fernetFingerprint(one)).toBe(fernetFingerprint(one));
    expect(fernetFingerprint(one)).not.toBe(fernetFingerprint(two));
  });
});

/** Debian's own Python first: that is where its package python3-cryptography is. */
const PYTHON = ['/usr/bin/python3', 'python3'].find(
  (python) => spawnSync(python, ['-c', 'import cryptography.fernet']).status === 0,
);
const askPython = (program: string, ...args: readonly string[]): string =>
  execFileSync(PYTHON as string, ['-c', program, ...args], { encoding: 'utf8' }).trim();

describe.skipIf(PYTHON === undefined)(
  `Fernet and Python's cryptography${PYTHON === undefined ? ' (skipped: no python3 with the module cryptography)' : ''}`,
  () => {
    it('opens what Python made, binary included', () => {
      const token = askPython(
        'import sys; from cryptography.fernet import Fernet; print(Fernet(sys.argv[1]).encrypt(bytes(range(256))).decode())',
        SPEC_KEY,
      );
      expect(new Fernet(SPEC_KEY).decrypt(token)?.equals(BINARY)).toBe(true);
    });

    it('makes what Python opens, binary included', () => {
      const token = new Fernet(SPEC_KEY).encrypt(BINARY, 1_700_000_000);
      const hex = askPython(
        'import sys; from cryptography.fernet import Fernet; print(Fernet(sys.argv[1]).decrypt(sys.argv[2].encode()).hex())',
        SPEC_KEY,
        token,
      );
      expect(hex).toBe(Buffer.from(BINARY).toString('hex'));
    });

    it("takes Python's keys and lets Python take ours", () => {
      const theirs = askPython('from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())');
      expect(isFernetKey(theirs)).toBe(true);
      expect(
        askPython('import sys; from cryptography.fernet import Fernet; Fernet(sys.argv[1])', makeFernetKey()),
      ).toBe('');
    });
  },
);
