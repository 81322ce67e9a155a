import { describe, expect, it } from 'vitest';
import { readScrapeKey } from './read-scrape-key.js';

const read = (headersDistinct: Record<string, string[]>) => readScrapeKey({ headersDistinct });

describe('readScrapeKey', () => {
  it('takes x-api-key, or the bearer token that Prometheus sends', () => {
    expect(read({ 'x-api-key': ['k'] })).toBe('k');
    expect(read({ authorization: ['Bearer k'] })).toBe('k');
    expect(read({ authorization: ['bearer  k'] })).toBe('k');
    expect(read({})).toBeUndefined();
  });

  it.each(['', 'k', 'Basic k', 'Bearer', 'Bearer ', 'Bearer a b', 'XBearer k'])('takes none from %j', (authorization) =>
    expect(read({ authorization: [authorization] })).toBeUndefined(),
  );

  it.each([
    { authorization: ['Bearer a', 'Bearer a'] },
    { authorization: ['Bearer a'], 'x-api-key': ['a'] },
    { 'x-api-key': ['a', 'a'] },
  ])('refuses several, even if all are right: %j', (headers: Record<string, string[]>) =>
    expect(() => read(headers)).toThrow(/auth\/ambiguous-key/),
  );
});
