import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';

/** Ids and randomness as a port, so that tests can foresee them. */
export abstract class Ids {
  /** A UUIDv7 in lower case. */
  abstract uuid(): string;
  /** `bytes` random bytes in hex. */
  abstract randomHex(bytes: number): string;
  /** A fraction in [0, 1), for jitter. */
  abstract fraction(): number;
}

const POOL_BYTES = 4096;
const UUID_BYTES = 16;

export class RandomIds extends Ids {
  /** Randomness for the next ids: asking the system for much costs as much as asking it for little. */
  #pool = Buffer.alloc(0);

  constructor(private readonly clock: Clock) {
    super();
  }
  override uuid(): string {
    if (this.#pool.length < UUID_BYTES) this.#pool = randomBytes(POOL_BYTES);
    const bytes = this.#pool.subarray(0, UUID_BYTES);
    this.#pool = this.#pool.subarray(UUID_BYTES);
    bytes.writeUIntBE(this.clock.nowMs(), 0, 6);
    bytes[6] = 0x70 | ((bytes[6] as number) & 0x0f);
    bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
  override randomHex(bytes: number): string {
    return randomBytes(bytes).toString('hex');
  }
  override fraction(): number {
    return randomBytes(4).readUInt32BE() / 0x1_0000_0000;
  }
}
