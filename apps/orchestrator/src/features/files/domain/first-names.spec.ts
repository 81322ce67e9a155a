import { describe, expect, it } from 'vitest';
import { firstNames } from './first-names.js';

describe('firstNames', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `n${String((index * 7919) % 20_000).padStart(5, '0')}`);

  it('gives the smallest in order, from any order', async () => {
    expect(await firstNames(many, null, 3)).toEqual(['n00000', 'n00001', 'n00002']);
  });

  it('goes on behind a name, whether it is there or not', async () => {
    expect(await firstNames(many, 'n19996', 9)).toEqual(['n19997', 'n19998', 'n19999']);
    expect(await firstNames(many, 'n00004x', 2)).toEqual(['n00005', 'n00006']);
    expect(await firstNames(many, 'z', 2)).toEqual([]);
  });

  it('orders by the codes of characters, wherever it runs', async () => {
    expect(await firstNames(['b', 'ä', 'A', 'a', 'B', '1'], null, 9)).toEqual(['1', 'A', 'B', 'a', 'b', 'ä']);
  });
});
