import type { LegacyAnswer } from './legacy-agent-calls.js';

/** The JSON of a body, whatever it is; undefined when it is none. */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Why a call is no success, in the words of 0.2: `401: Unauthorized`, or what became of the connection. */
export function reasonOf(answer: LegacyAnswer): string {
  if (answer.kind !== 'answered') return answer.why;
  const json = parseBody(answer.body);
  const detail = isRecord(json) ? json['detail'] : undefined;
  return `${answer.status}: ${typeof detail === 'string' ? detail : answer.body}`;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
