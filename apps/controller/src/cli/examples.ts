/** The head of a command's help: what people look for first. */
export const examples = (lines: readonly string[]): string =>
  `Examples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`;
