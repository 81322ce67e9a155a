import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { MeshError } from '@scriptmesh/contracts';

// Fernet, spec version 0x80: version (1) | time (8, seconds) | iv (16) | AES-128-CBC ciphertext | HMAC-SHA256 (32), url-safe base64.
// https://github.com/fernet/spec/blob/master/Spec.md
const VERSION = 0x80;
const KEY_PATTERN = /^[A-Za-z0-9_-]{43}=$/;
const TOKEN_PATTERN = /^[A-Za-z0-9_-]+={0,2}$/;
const HEAD_BYTES = 1 + 8 + 16;
const MAC_BYTES = 32;
/** As much as the spec's authors let clocks differ. */
const MAX_SKEW_SECONDS = 60;

/** How old a token may be; seconds since 1970. */
interface AgeLimit {
  readonly maxAgeSeconds: number;
  readonly nowSeconds: number;
}

/** A Fernet key: 44 url-safe base64 characters of 32 bytes (signing half first). */
export const isFernetKey = (text: string): boolean => KEY_PATTERN.test(text);

export const makeFernetKey = (): string => padded(randomBytes(32));

/** A short name for a key in messages: the first 16 hex digits of a hash; the key cannot be found from it. */
export const fernetFingerprint = (key: string): string =>
  createHash('sha256').update(`scriptmesh fernet fingerprint\n${key}`).digest('hex').slice(0, 16);

/** One Fernet key. Compatible with Python's `cryptography.fernet` in both directions. */
export class Fernet {
  readonly #signing: Buffer;
  readonly #encryption: Buffer;

  /** @throws MeshError crypto/wrong-fernet-key when the text is not a Fernet key */
  constructor(key: string) {
    if (!isFernetKey(key))
      throw new MeshError('crypto/wrong-fernet-key', 'a Fernet key is 44 url-safe base64 characters ending in "="');
    const bytes = Buffer.from(key, 'base64url');
    this.#signing = bytes.subarray(0, 16);
    this.#encryption = bytes.subarray(16);
  }

  /** @param seconds time since 1970, told in the token; @param iv 16 bytes, given only by tests of the spec's vectors */
  encrypt(plain: Uint8Array, seconds: number, iv: Uint8Array = randomBytes(16)): string {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(VERSION, 0);
    head.writeBigUInt64BE(BigInt(Math.floor(seconds)), 1);
    head.set(iv, 9);
    const cipher = createCipheriv('aes-128-cbc', this.#encryption, iv);
    const signed = Buffer.concat([head, cipher.update(plain), cipher.final()]);
    return padded(Buffer.concat([signed, this.#mac(signed)]));
  }

  /**
   * @param age when given, tokens that are older, or from more than a minute in the future, are refused too
   * @returns the plain bytes, or undefined when this key did not make the token or the token is no token
   */
  decrypt(token: string, age?: AgeLimit): Buffer | undefined {
    if (!TOKEN_PATTERN.test(token) || token.length % 4 !== 0) return undefined;
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length < HEAD_BYTES + 16 + MAC_BYTES || bytes[0] !== VERSION) return undefined;
    const signed = bytes.subarray(0, -MAC_BYTES);
    if (!timingSafeEqual(this.#mac(signed), bytes.subarray(-MAC_BYTES))) return undefined;
    if (age && !isWithin(age, Number(bytes.readBigUInt64BE(1)))) return undefined;
    return this.#decipher(signed.subarray(9, HEAD_BYTES), signed.subarray(HEAD_BYTES));
  }

  #decipher(iv: Buffer, ciphertext: Buffer): Buffer | undefined {
    try {
      const decipher = createDecipheriv('aes-128-cbc', this.#encryption, iv);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    } catch {
      return undefined; // The MAC was right but the padding or length is not: made by something that is not Fernet.
    }
  }

  #mac(signed: Uint8Array): Buffer {
    return createHmac('sha256', this.#signing).update(signed).digest();
  }
}

const isWithin = ({ maxAgeSeconds, nowSeconds }: AgeLimit, madeAt: number): boolean =>
  nowSeconds <= madeAt + maxAgeSeconds && madeAt <= nowSeconds + MAX_SKEW_SECONDS;

function padded(bytes: Buffer): string {
  const text = bytes.toString('base64url');
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}
