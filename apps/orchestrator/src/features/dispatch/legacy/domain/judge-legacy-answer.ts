import { constants } from 'node:os';
import type { ErrorCode } from '@scriptmesh/contracts';
import { isRecord, parseBody, reasonOf, type LegacyAnswer } from '../../../legacy-calls/index.js';

/** What the answer of a 0.2 agent to /run-script means for the run. */
export type LegacyOutcome =
  | {
      readonly kind: 'ended';
      readonly code: number | null;
      readonly signal: string | null;
      readonly stdout: string;
      readonly stderr: string;
      readonly isComplete: boolean;
    }
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly why: string }
  /** Proof that nothing was started: the run may be sent again. */
  | { readonly kind: 'returned'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string };

const NOT_FOUND: Readonly<Record<string, ErrorCode>> = {
  'Script not found in manifest': 'script/not-found',
  'Script file missing on disk': 'script/file-missing',
};
/** Answers of the door itself: the body was not looked at. */
const DOOR_STATUSES: ReadonlySet<number> = new Set([401, 404, 405, 413]);

/**
 * Exactly 200 is success, when the agent's own report stands in it: a page of something in between is none. A 0.2 agent
 * has no journal, so what cannot be read for certain is lost, unknown.
 */
export function judgeLegacyAnswer(answer: LegacyAnswer): LegacyOutcome {
  if (answer.kind === 'not-sent') return { kind: 'returned', why: answer.why };
  if (answer.kind === 'unknown') {
    return { kind: 'lost', why: `the connection to the 0.2 agent broke after the request had left: ${answer.why}` };
  }
  const json = parseBody(answer.body);
  const fields = isRecord(json) ? json : {};
  if (answer.status === 200) return endedWell(fields);
  if (answer.status === 500 && fields['error'] === 'Script execution failed') return endedBadly(fields);
  if (answer.status === 422) return { kind: 'rejected', code: 'params/invalid', why: reasonOf(answer).slice(0, 500) };
  return judgeRefusal(answer, typeof fields['detail'] === 'string' ? fields['detail'] : '');
}

function judgeRefusal(answer: Extract<LegacyAnswer, { kind: 'answered' }>, detail: string): LegacyOutcome {
  const code = answer.status === 404 && Object.hasOwn(NOT_FOUND, detail) ? NOT_FOUND[detail] : undefined;
  if (code) return { kind: 'rejected', code, why: detail };
  const why = `the 0.2 agent answered ${reasonOf(answer).slice(0, 500)}`;
  return DOOR_STATUSES.has(answer.status) ? { kind: 'returned', why } : { kind: 'lost', why };
}

function endedWell(fields: Readonly<Record<string, unknown>>): LegacyOutcome {
  const output = isRecord(fields['output']) ? fields['output'] : {};
  const { stdout, stderr, returncode } = output;
  if (!Number.isInteger(returncode)) {
    return { kind: 'lost', why: 'the answer was 200, but not the report of a 0.2 agent, which names a return code' };
  }
  const isComplete = typeof stdout === 'string' && typeof stderr === 'string';
  return { kind: 'ended', ...endOf(returncode as number), stdout: textOf(stdout), stderr: textOf(stderr), isComplete };
}

/** A script that failed has lost its stdout on the way: 0.2 does not tell it. */
function endedBadly(fields: Readonly<Record<string, unknown>>): LegacyOutcome {
  const { returncode } = fields;
  if (!Number.isInteger(returncode) || returncode === 0) {
    return { kind: 'lost', why: 'the 0.2 agent says that the script failed, but not with which exit code' };
  }
  const stderr = textOf(fields['stderr']);
  return { kind: 'ended', ...endOf(returncode as number), stdout: '', stderr, isComplete: false };
}

/** Python writes a signal as its negative number. */
const endOf = (returncode: number): { readonly code: number | null; readonly signal: string | null } =>
  returncode < 0 ? { code: null, signal: signalName(-returncode) } : { code: returncode, signal: null };

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, known]) => known === number)?.[0] ?? `signal ${number}`;
