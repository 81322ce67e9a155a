import { describe, expect, it } from 'vitest';
import { MovedClock } from '@scriptmesh/testing';
import { BadKeyLimiter } from './bad-key-limiter.js';

const HERE = '192.0.2.1';

/** The answers to `times` bad keys in a row. */
const count = (limiter: BadKeyLimiter, address: string, times: number): readonly (number | undefined)[] =>
  Array.from({ length: times }, () => limiter.countBadKey(address));

describe('BadKeyLimiter', () => {
  it('lets as many bad keys be answered with 401 as it was told, then none', () => {
    const answers = count(new BadKeyLimiter(20, new MovedClock()), HERE, 22);
    expect(answers.slice(0, 20)).toEqual(Array(20).fill(undefined));
    expect(answers.slice(20)).toEqual([60, 60]);
  });

  it('slides: each bad key counts for one minute', async () => {
    const clock = new MovedClock();
    const limiter = new BadKeyLimiter(2, clock);
    limiter.countBadKey(HERE);
    await clock.advance(40_000);
    limiter.countBadKey(HERE);
    expect(limiter.countBadKey(HERE)).toBe(20);
    await clock.advance(20_000);
    expect(limiter.countBadKey(HERE)).toBeUndefined();
    expect(limiter.countBadKey(HERE)).toBe(40);
  });

  it('does not make the wait longer for bad keys that were refused', async () => {
    const clock = new MovedClock();
    const limiter = new BadKeyLimiter(1, clock);
    limiter.countBadKey(HERE);
    await clock.advance(59_000);
    expect(limiter.countBadKey(HERE)).toBe(1);
    await clock.advance(1_000);
    expect(limiter.countBadKey(HERE)).toBeUndefined();
  });

  it('goes by monotonic time', () => {
    const clock = new MovedClock();
    const limiter = new BadKeyLimiter(1, clock);
    limiter.countBadKey(HERE);
    clock.jumpWallClock(86_400_000);
    expect(limiter.countBadKey(HERE)).toBe(60);
  });

  it('counts each address by itself', () => {
    const limiter = new BadKeyLimiter(1, new MovedClock());
    limiter.countBadKey(HERE);
    expect(limiter.countBadKey('192.0.2.2')).toBeUndefined();
  });

  it.each([
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff'],
    ['2001:db8::1', '2001:0DB8:0:0:2::'],
    ['fe80::1%eth0', 'fe80::2'],
    ['::1', '0:0:0:0:0:0:0:1'],
  ])('takes %s and %s for one', (one, other) => {
    const limiter = new BadKeyLimiter(1, new MovedClock());
    limiter.countBadKey(one);
    expect(limiter.countBadKey(other)).toBe(60);
  });

  it('tells networks of IPv6 apart', () => {
    const limiter = new BadKeyLimiter(1, new MovedClock());
    limiter.countBadKey('2001:db8:0:1::1');
    expect(limiter.countBadKey('2001:db8:0:2::1')).toBeUndefined();
  });

  it('remembers a bounded number of addresses', () => {
    const limiter = new BadKeyLimiter(20, new MovedClock());
    for (let i = 0; i < 12_000; i += 1) limiter.countBadKey(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    expect(limiter.addresses).toBe(10_000);
  });
});
