import { describe, expect, it } from 'vitest';
import { compareGenerated } from '../../../tools/generated-file.js';
import { ERROR_CATALOGUE } from './error-catalogue.js';
import { renderErrorReference } from './error-reference.js';

describe('generated file of the error catalogue', () => {
  it('docs/errors.md is up to date (otherwise: npm run generate)', async () => {
    const { committed, made } = await compareGenerated('docs/errors.md', renderErrorReference());
    expect(committed).toBe(made);
  });

  it('lists every code once, each of the shape area/what-is-wrong', () => {
    const listed = [...renderErrorReference().matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]);
    expect(new Set(listed)).toEqual(new Set(Object.keys(ERROR_CATALOGUE)));
    expect(listed.every((code) => /^[a-z]+\/[a-z]+(-[a-z]+)*$/.test(code ?? ''))).toBe(true);
  });

  it('says in every hint what to do, as a sentence', () => {
    const bad = Object.entries(ERROR_CATALOGUE).filter(([, { hint }]) => !/^[A-Z].*\.$/.test(hint));
    expect(bad.map(([code]) => code)).toEqual([]);
  });
});
