import { describe, expect, it } from 'vitest';
import { foldName, isName } from './names.js';

describe('names of agents and scripts', () => {
  it.each(['hello_world', 'SERVER1_ScriptMesh_Agent', 'db-3.example.org', 'a', '9lives', 'web@north'])(
    'lets %j in',
    (name) => {
      expect(isName(name)).toBe(true);
    },
  );

  it.each([
    '',
    ' ',
    '..',
    'a..b',
    'a/b',
    'a\\b',
    '*',
    '>',
    'a b',
    'a\n',
    '\ud800',
    'é',
    '-x',
    '.x',
    '__proto__',
    'constructor',
    'x'.repeat(129),
    7,
    null,
    ['a'],
  ])('keeps %j out', (name) => {
    expect(isName(name)).toBe(false);
  });

  it('folds case twins together', () => {
    expect(foldName('DB-3')).toBe(foldName('db-3'));
  });
});
