import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { compareGenerated } from '../../../tools/generated-file.js';
import { renderConfigReference, renderEnvExample } from './reference.js';
import { ALL_NAMES, PROGRAMS } from './schema/all-settings.js';

describe('generated files of the settings', () => {
  it('docs/config.md is up to date (otherwise: npm run generate)', async () => {
    const { committed, made } = await compareGenerated('docs/config.md', renderConfigReference());
    expect(committed).toBe(made);
  });

  it('.env.example is up to date (otherwise: npm run generate)', async () => {
    const { committed, made } = await compareGenerated('.env.example', renderEnvExample());
    expect(committed).toBe(made);
  });

  it('.env.example names every setting once, and sets none', () => {
    const lines = renderEnvExample().split('\n');
    const names = lines.flatMap((line) => /^#([A-Z_]+)=/.exec(line)?.[1] ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(names)).toEqual(new Set([...ALL_NAMES].filter((name) => !name.endsWith('_FILE'))));
    expect(parse(renderEnvExample())).toEqual({});
  });

  it('every default is one that its own setting takes', () => {
    const wrong = PROGRAMS.flatMap(({ schema }) => Object.values(schema)).filter(
      ({ value, default: fallback }) => fallback !== null && 'problem' in value.parse(fallback),
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
