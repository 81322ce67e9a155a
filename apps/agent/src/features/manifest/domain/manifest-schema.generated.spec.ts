import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { ENTRY_FIELDS } from './entry-fields.js';
import { MANIFEST_SCHEMA } from './manifest-schema.js';
import { readManifest } from './read-manifest.js';

const FILE = join(import.meta.dirname, '../../../../../../docs/manifest.schema.json');
const accepts = new Ajv({ unicodeRegExp: true }).compile(MANIFEST_SCHEMA);

function readsWithoutFault(value: unknown): boolean {
  try {
    return readManifest(Buffer.from(JSON.stringify(value))).refused.length === 0;
  } catch {
    return false;
  }
}

const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  name: [
    undefined,
    'a',
    'SERVER1_x',
    'a.b@c-d',
    '',
    '.a',
    '-a',
    'a b',
    'a..b',
    'a/b',
    'ä',
    'constructor',
    'prototype',
    '__proto__',
    'constructors',
    'x'.repeat(128),
    'x'.repeat(129),
    5,
    null,
    ['a'],
  ],
  path: [
    undefined,
    'a.sh',
    'scripts/a.sh',
    './a.sh',
    'a//b.sh',
    'a..sh',
    '..a',
    'sub/a b.sh',
    'ä.sh',
    '😀.sh',
    'x'.repeat(1024),
    '',
    '.',
    './',
    '..',
    '../a',
    'a/..',
    'a/../b',
    '/a',
    '~a',
    '~/a',
    'a~',
    'C:/a',
    'a\\b',
    'a\0',
    'a\n',
    'a\u007f',
    'a\ud800',
    'x'.repeat(1025),
    5,
    null,
  ],
  description: ['', 'x', '😀'.repeat(1000), 'x'.repeat(1001), 5, null],
  interpreter: [
    'python3',
    'pwsh',
    'python3.11',
    'g++',
    '/usr/bin/env',
    '/opt/my python/bin/python',
    'C:\\Python\\python.exe',
    '',
    'sh -c',
    'bin/sh',
    './sh',
    '/usr/../sh',
    '-x',
    '/a\n',
    5,
    null,
  ],
  timeoutSeconds: [1, 604_800, 0, -1, 1.5, 604_801, '5', null, true],
  maxConcurrent: [1, 1000, 0, 1001, 0.5, '1', null],
  idempotent: [true, false, undefined, 'true', 1, 0, null],
  sha256: ['a'.repeat(64), 'a'.repeat(63), 'A'.repeat(64), '', 1, null],
};

describe('the JSON Schema of the manifest', () => {
  it('knows the fields that the agent knows', () => {
    expect(Object.keys(MANIFEST_SCHEMA.properties.scripts.items.properties)).toEqual(Object.keys(ENTRY_FIELDS));
    expect(Object.keys(VALUES)).toEqual(Object.keys(ENTRY_FIELDS));
  });

  it.each(Object.entries(VALUES).flatMap(([field, values]) => values.map((value) => [field, value] as const)))(
    'judges %s %j as the agent does',
    (field, value) => {
      const manifest = { scripts: [{ name: 'a', path: 'a.sh', [field]: value }] };
      // Through JSON, as both get it: undefined becomes a missing field.
      const asRead = JSON.parse(JSON.stringify(manifest)) as unknown;
      expect(accepts(asRead)).toBe(readsWithoutFault(asRead));
    },
  );

  it.each([
    [{}],
    [[]],
    [null],
    [{ scripts: {} }],
    [{ scripts: [] }],
    [{ $schema: './x.json', scripts: [] }],
    [{ scripts: [], more: 1 }],
    [{ scripts: [1] }],
  ])('judges the file %j as the agent does', (value) => {
    expect(accepts(value)).toBe(readsWithoutFault(value));
  });

  it('stands in docs/manifest.schema.json as it is here', async () => {
    const text = await format(JSON.stringify(MANIFEST_SCHEMA), { ...(await resolveConfig(FILE)), filepath: FILE });
    if (process.env['UPDATE_GENERATED']) writeFileSync(FILE, text);
    expect(readFileSync(FILE, 'utf8')).toBe(text);
  });
});
