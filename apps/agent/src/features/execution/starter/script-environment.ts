import { MeshError, type FieldFault } from '@scriptmesh/contracts';
import { SCRIPT_SEARCH_PATH } from '../../manifest/index.js';

const PARAM_NAME = /^[A-Za-z][A-Za-z0-9_]{0,127}$/;
const FORBIDDEN_NAMES = new Set(['constructor', 'prototype']);
const MAX_VALUE_BYTES = 32 * 1024;
const MAX_TOGETHER_BYTES = 256 * 1024;
const LONE_SURROGATE = /\p{Surrogate}/u;

interface EnvironmentOf {
  readonly runId: string;
  readonly agentName: string;
  readonly script: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The script's HOME. */
  readonly home: string;
  /** The run's place in its caller's trace, checked; null when nobody traces. */
  readonly traceparent?: string | null;
}

/**
 * The whole environment of a script, built from nothing: of the agent's own variables none gets in, so neither its
 * keys nor LD_PRELOAD and its like. Parameters are SM_PARAM_<NAME> and can be nothing else.
 * @throws MeshError params/invalid or request/too-large, with all faults
 */
export function buildScriptEnvironment(of: EnvironmentOf): Record<string, string> {
  const params = Object.entries(of.params);
  const faults = params
    .flatMap(([name, value]) => findFault(name, value))
    .concat(findTwins(params.map(([name]) => name)));
  if (faults.length > 0) {
    const words = faults.map((fault) => `${fault.path} ${fault.message}`).join('; ');
    throw new MeshError('params/invalid', `the parameters of ${of.script} are refused: ${words}`, { faults });
  }
  checkSizes(of.script, params);
  return {
    SM_RUN_ID: of.runId,
    SM_AGENT: of.agentName,
    SM_SCRIPT: of.script,
    ...Object.fromEntries(params.map(([name, value]) => [variableOf(name), String(value)])),
    PATH: SCRIPT_SEARCH_PATH,
    HOME: of.home,
    LANG: 'C.UTF-8',
    TZ: timeZone(),
    ...(of.traceparent ? { TRACEPARENT: of.traceparent } : {}),
    ...platformNeeds(),
  };
}

let zone: string | undefined;
/** Node keeps the zone that it has met first, and asking for it costs as much as everything else here together. */
const timeZone = (): string => (zone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone);

const variableOf = (name: string): string => `SM_PARAM_${name.toUpperCase()}`;

function findFault(name: string, value: unknown): FieldFault[] {
  const path = `params.${name.slice(0, 80)}`;
  if (!PARAM_NAME.test(name) || FORBIDDEN_NAMES.has(name)) {
    return [{ path, message: 'is not a name for a parameter: a letter first, then letters, digits or "_"' }];
  }
  if (typeof value === 'number' || typeof value === 'boolean') return [];
  if (typeof value !== 'string') return [{ path, message: 'must be a text, a number, true or false' }];
  if (value.includes('\0')) return [{ path, message: 'must not contain a NUL character' }];
  return LONE_SURROGATE.test(value) ? [{ path, message: 'must be valid Unicode' }] : [];
}

/** `host` and `HOST` would be one variable. */
function findTwins(names: readonly string[]): FieldFault[] {
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    const twin = seen.get(variableOf(name));
    seen.set(variableOf(name), name);
    return twin === undefined
      ? []
      : [{ path: `params.${name.slice(0, 80)}`, message: `differs from ${twin.slice(0, 80)} only in case` }];
  });
}

function checkSizes(script: string, params: readonly (readonly [string, unknown])[]): void {
  let together = 0;
  for (const [name, value] of params) {
    const bytes = Buffer.byteLength(String(value));
    together += bytes;
    if (bytes > MAX_VALUE_BYTES || together > MAX_TOGETHER_BYTES) {
      const detail = `the parameters of ${script} are too large: params.${name} ends beyond ${MAX_VALUE_BYTES} bytes for one or ${MAX_TOGETHER_BYTES} for all`;
      throw new MeshError('request/too-large', detail, {
        hint: 'Send less, or have the script fetch the data itself.',
      });
    }
  }
}

/** Windows programs do not start without the system's folder. */
function platformNeeds(): Record<string, string> {
  return process.platform === 'win32' ? { SystemRoot: 'C:\\Windows' } : {};
}
