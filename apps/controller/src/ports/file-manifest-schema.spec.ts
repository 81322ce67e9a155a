import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPackageRoot } from '../version.js';
import { FileManifestSchema } from './file-manifest-schema.js';

describe('FileManifestSchema', () => {
  it('reads the schema of this installation', () => {
    expect(new FileManifestSchema(findPackageRoot()).read().properties).toHaveProperty('scripts');
  });

  it('says which file is missing', () => {
    const empty = mkdtempSync(join(tmpdir(), 'scriptmesh-schema-'));
    expect(() => new FileManifestSchema(empty).read()).toThrow(join(empty, 'docs', 'manifest.schema.json'));
    rmSync(empty, { recursive: true });
  });
});
