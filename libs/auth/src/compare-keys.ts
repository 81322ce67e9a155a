import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 of a key. */
export const hashKey = (key: string): Buffer => createHash('sha256').update(key, 'utf8').digest();

/**
 * Whether two keys are the same, in a time that tells nothing of them. Digests are compared, since timingSafeEqual
 * throws on unequal lengths. An empty key equals nothing.
 */
export const keysEqual = (given: string, expected: string): boolean =>
  timingSafeEqual(hashKey(given), hashKey(expected)) && given.length > 0;
