/** What one look has found. */
export interface Finding {
  /** What was looked at, as in `clock`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem' | 'skipped';
  /** What was found, in one sentence. */
  readonly says: string;
  /** What to do; null where there is nothing to be done. */
  readonly todo: string | null;
}

export const ok = (check: string, says: string): Finding => ({ check, state: 'ok', says, todo: null });
export const skipped = (check: string, says: string): Finding => ({ check, state: 'skipped', says, todo: null });
export const warning = (check: string, says: string, todo: string): Finding => ({
  check,
  state: 'warning',
  says,
  todo,
});
export const problem = (check: string, says: string, todo: string): Finding => ({
  check,
  state: 'problem',
  says,
  todo,
});

/** Nothing has to be mended; a warning can wait. */
export const isHealthy = (findings: readonly Finding[]): boolean => findings.every(({ state }) => state !== 'problem');

/** For people: one line for each look, and below it what to do. */
export function toText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, state, says, todo }) => [
    `${state.padEnd(7)}  ${check.padEnd(width)}  ${says}`,
    ...(todo === null ? [] : [`${' '.repeat(width + 11)}do: ${todo}`]),
  ]);
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const sum = problems === 0 ? 'nothing has to be mended' : `${problems} to be mended`;
  return `${lines.join('\n')}\n${sum}\n`;
}

/** What is told of findings, and the exit code: 0, or 1 when something has to be mended. */
export const tell = (
  findings: readonly Finding[],
  asJson: boolean,
): { readonly text: string; readonly exitCode: number } => ({
  text: asJson ? toJsonText(findings) : toText(findings),
  exitCode: isHealthy(findings) ? 0 : 1,
});

/** For programs. */
export const toJsonText = (findings: readonly Finding[]): string =>
  `${JSON.stringify({ isHealthy: isHealthy(findings), findings }, null, 2)}\n`;
