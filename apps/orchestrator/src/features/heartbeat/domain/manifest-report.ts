import { isName, type ManifestReport, type ScriptResource } from '@scriptmesh/contracts';

const MOST_SCRIPTS = 1000;
const MOST_FAULTS = 100;
const MOST_TEXT = 2048;

/** Reads an agent's report; what does not fit its shape is left out, since it comes from a machine that may be hostile. */
export function parseManifestReport(bytes: Uint8Array): ManifestReport | undefined {
  const json = parseJson(bytes);
  if (!isRecord(json) || !Array.isArray(json['scripts'])) return undefined;
  const scripts = json['scripts'].slice(0, MOST_SCRIPTS).flatMap((entry) => toScript(entry));
  const faults = Array.isArray(json['faults']) ? json['faults'] : [];
  return { scripts, faults: faults.slice(0, MOST_FAULTS).flatMap((fault) => textOrNothing(fault)) };
}

function toScript(entry: unknown): readonly ScriptResource[] {
  if (!isRecord(entry) || !isName(entry['name'])) return [];
  return [
    {
      name: entry['name'],
      path: textOrNothing(entry['path'])[0] ?? '',
      description: textOrNothing(entry['description'])[0] ?? null,
      interpreter: textOrNothing(entry['interpreter'])[0] ?? null,
      timeoutSeconds: countOrNull(entry['timeoutSeconds']),
      maxConcurrent: countOrNull(entry['maxConcurrent']),
      idempotent: entry['idempotent'] === true,
      problem: textOrNothing(entry['problem'])[0] ?? null,
    },
  ];
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const textOrNothing = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value.slice(0, MOST_TEXT)] : [];
const countOrNull = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
