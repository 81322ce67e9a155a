import { Fernet } from '@scriptmesh/crypto';

/** One agent of a 0.2 registry, its key decrypted, or why it cannot be taken. */
export type Entry02 =
  | { readonly name: string; readonly url: string; readonly key: string }
  | { readonly name: string; readonly fault: string };

/**
 * Reads `cfg/agent_registry.json` of ScriptMesh 0.2: `{"N": {"url", "last_seen", "api_key"}}`, where `api_key` was
 * encrypted twice with the same key.
 * @throws SyntaxError when the text is no JSON, TypeError when it is no object
 */
export function readRegistry02(text: string, fernet: Fernet): readonly Entry02[] {
  const registry: unknown = JSON.parse(text);
  if (!isRecord(registry)) throw new TypeError('the registry is not an object');
  return Object.entries(registry).map(([name, entry]) => readEntry(name, entry, fernet));
}

function readEntry(name: string, entry: unknown, fernet: Fernet): Entry02 {
  if (!isRecord(entry)) return { name, fault: 'its entry is not an object' };
  const { url, api_key: token } = entry;
  if (typeof url !== 'string') return { name, fault: 'its entry has no url' };
  if (typeof token !== 'string') return { name, fault: 'its entry has no api_key' };
  const once = fernet.decrypt(token);
  const twice = once && fernet.decrypt(once.toString('latin1'));
  if (!twice) return { name, fault: 'its api_key was not made with this cfg/fernet.key' };
  return { name, url, key: twice.toString('utf8') };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
