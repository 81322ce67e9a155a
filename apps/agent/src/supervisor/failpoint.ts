import { appendFileSync, readFileSync } from 'node:fs';

/**
 * The supervisor's part of libs/failpoints, said again without an import. The agent hands over what is armed, checked,
 * as `<point>:<action>[=<delay>ms]@<hit>`, and hands over nothing in production.
 */
export const SUPERVISOR_POINTS = [
  'supervisor.claimed',
  'supervisor.start-received',
  'supervisor.before-spawn',
  'supervisor.spawned',
  'supervisor.pid-recorded',
  'supervisor.before-started',
  'supervisor.output-kept',
  'supervisor.exit-seen',
  'supervisor.end-written',
  'supervisor.end-linked',
  'supervisor.end-durable',
  'supervisor.end-told',
  'supervisor.before-term',
  'supervisor.term-sent',
  'supervisor.adopted',
] as const;

interface Waiting {
  readonly item: string;
  readonly action: string;
  readonly delayMs: number;
  left: number;
}

const ITEM = /^([^:]+):(kill|error|delay)(?:=(\d+)ms)?@(\d+)$/;
let armed: Map<string, Waiting> | null = null;
let log: string | undefined;

/** Without an armed point it costs one comparison. */
export function failpoint(name: (typeof SUPERVISOR_POINTS)[number]): void {
  if (armed !== null) pass(armed, name);
}

/** @param path of the file that tells what has happened already, perhaps to a supervisor before this one */
export function armFailpoints(text: string | undefined, path: string | undefined): void {
  const past = new Set(path === undefined ? [] : readHits(path));
  const waiting = (text ?? '').split(',').filter((item) => !past.has(item));
  const entries = waiting.flatMap((item): [string, Waiting][] => {
    const [, name, action, delay = '0', hit] = ITEM.exec(item) ?? [];
    return name && action ? [[name, { item, action, delayMs: Number(delay), left: Number(hit) }]] : [];
  });
  armed = entries.length === 0 ? null : new Map(entries);
  log = path;
}

function pass(waiting: Map<string, Waiting>, name: string): void {
  const found = waiting.get(name);
  if (!found || (found.left -= 1) > 0) return;
  waiting.delete(name);
  if (log !== undefined) appendFileSync(log, `${found.item}\n`);
  if (found.action === 'error') throw Object.assign(new Error(`EIO: failpoint ${name}`), { code: 'EIO', errno: -5 });
  if (found.action === 'kill') process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, found.action === 'kill' ? Infinity : found.delayMs);
}

function readHits(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
