import { createColors } from 'picocolors';
import { isMeshError, MeshError, type Problem, toProblem } from '@scriptmesh/contracts';
import { escapeControls, escapeLine } from '../output/escape-controls.js';
import { toJson } from '../output/json.js';
import { UsageFault } from './usage-fault.js';

/** An error for people: what happened, why, what to do. */
export function faultText(error: unknown, colors: boolean): string {
  const { bold, dim } = createColors(colors);
  const { title, code, detail, hint, requestId, errors } = faultProblem(error);
  const lines = [
    `${bold(`scriptmesh: ${escapeLine(title)}`)} ${dim(`(${escapeLine(code)})`)}`,
    `  why: ${indented(detail)}`,
    ...errors.map((fault) => `       - ${escapeLine(`${fault.path}: ${fault.message}`)}`),
    `  do:  ${indented(hint)}`,
    ...(requestId === '' ? [] : [dim(`  request id: ${escapeLine(requestId)}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A server's line break must not begin a line that looks like ours. */
const indented = (text: string): string => escapeControls(text).replaceAll('\n', '\n       ');

/** The same for programs: one line of problem+json. */
export const faultJson = (error: unknown): string => `${toJson(faultProblem(error))}\n`;

function faultProblem(error: unknown): Problem {
  if (error instanceof UsageFault) return usageProblem(error);
  if (!isMeshError(error)) return faultProblem(unexpected(error));
  const problem = toProblem(error, textOf(error.facts['requestId']));
  return { ...problem, code: textOf(error.facts['serverCode']) || problem.code };
}

const usageProblem = ({ message, hint }: UsageFault): Problem => ({
  type: 'about:blank',
  title: 'The command line is not understood',
  status: 400,
  detail: message,
  code: 'cli/usage',
  hint,
  requestId: '',
  errors: [],
});

const unexpected = (error: unknown): MeshError =>
  new MeshError('internal/unexpected', error instanceof Error ? error.message : String(error), {
    cause: error,
    hint: 'Report it with the command that led to it.',
  });

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
