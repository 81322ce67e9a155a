import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MeshError } from '@scriptmesh/contracts';
import { ManifestSchema, type SchemaNode } from './manifest-schema.js';

/**
 * The committed docs/manifest.schema.json, which the agent's tests hold to its code. It is read when asked for:
 * importing it would add to every start, and Node 20 warns on stderr about imported JSON.
 */
export class FileManifestSchema extends ManifestSchema {
  constructor(private readonly packageRoot: string) {
    super();
  }

  override read(): SchemaNode {
    const file = join(this.packageRoot, 'docs', 'manifest.schema.json');
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as SchemaNode;
    } catch (cause) {
      throw new MeshError('internal/unexpected', `${file} cannot be read, and it documents the manifest`, {
        cause,
        hint: 'Put the file back: it is part of ScriptMesh.',
      });
    }
  }
}
