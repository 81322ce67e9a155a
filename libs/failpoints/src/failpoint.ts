import { appendFileSync, readFileSync } from 'node:fs';
import { programOf, type FailpointName } from './catalogue.js';
import { writeFailpoints, type ArmedPoint } from './parse-failpoints.js';

export interface Failpoints {
  readonly points: readonly ArmedPoint[];
  /** Absolute path of a file that gets a line for each point that was hit; what stands there does not happen again. */
  readonly log: string | null;
}

interface Armed {
  readonly log: string | null;
  readonly waiting: Map<FailpointName, { readonly armed: ArmedPoint; passed: number }>;
}

let armed: Armed | null = null;

/** Marks a step at which this program can be made to die, fail or pause. Without an armed point it costs one comparison. */
export function failpoint(name: FailpointName): void {
  if (armed !== null) pass(armed, name);
}

/** For the start of a program; none disarms. */
export function armFailpoints({ points, log }: Failpoints): void {
  const past = new Set(log === null ? [] : readHits(log));
  const waiting = points.filter((point) => !past.has(writeFailpoints([point])));
  armed =
    waiting.length === 0
      ? null
      : { log, waiting: new Map(waiting.map((one) => [one.point, { armed: one, passed: 0 }])) };
}

/** What the agent hands on to its supervisor, as environment variables; nothing in production. */
export function supervisorFailpoints(): Readonly<Record<string, string>> {
  const points = [...(armed?.waiting.values() ?? [])].map((one) => one.armed);
  const own = points.filter(({ point }) => programOf(point) === 'supervisor');
  if (!armed || own.length === 0) return {};
  return {
    SCRIPT_MESH_FAILPOINT: writeFailpoints(own),
    ...(armed.log === null ? {} : { SCRIPT_MESH_FAILPOINT_LOG: armed.log }),
  };
}

function pass(at: Armed, name: FailpointName): void {
  const found = at.waiting.get(name);
  if (!found || (found.passed += 1) < found.armed.onHit) return;
  at.waiting.delete(name);
  // Before it happens: a killed program writes nothing any more.
  if (at.log !== null) appendFileSync(at.log, `${writeFailpoints([found.armed])}\n`);
  const { action, delayMs } = found.armed;
  if (action === 'error') throw Object.assign(new Error(`EIO: failpoint ${name}`), { code: 'EIO', errno: -5 });
  if (action === 'kill') process.kill(process.pid, 'SIGKILL');
  // The whole program stands still, as one that the system has stopped; a killed one takes no further step.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action === 'kill' ? Infinity : delayMs);
}

function readHits(log: string): readonly string[] {
  try {
    return readFileSync(log, 'utf8').split('\n');
  } catch {
    return [];
  }
}
