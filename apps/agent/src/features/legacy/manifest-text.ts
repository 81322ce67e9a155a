import { isRecord } from './is-record.js';

/** The manifest's file as it stands on the disk. */
export abstract class ManifestText {
  /** undefined when there is no file. @throws when it cannot be read */
  abstract read(): Promise<string | undefined>;
}

/** An entry without a name or a path would hide all later scripts from a 0.2 controller, so it is left out. */
export function readLegacyManifest(text: string): unknown {
  const manifest: unknown = JSON.parse(text);
  if (!isRecord(manifest) || !Array.isArray(manifest['scripts'])) return manifest;
  const scripts = manifest['scripts'].filter(
    (entry: unknown) => isRecord(entry) && typeof entry['name'] === 'string' && typeof entry['path'] === 'string',
  );
  return { ...manifest, scripts };
}
