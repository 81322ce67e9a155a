/** As much of JSON Schema as the manifest's uses; any other key is only shown. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly [key: string]: unknown;
}

/** The JSON Schema of the agents' manifest. */
export abstract class ManifestSchema {
  /** @throws MeshError internal/unexpected when this installation does not have it */
  abstract read(): SchemaNode;
}
