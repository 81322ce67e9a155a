import { escapeLine } from '../../output/escape-controls.js';
import type { Keyboard } from '../../ports/keyboard.js';
import type { Terminal } from '../../ports/terminal.js';

interface Choice {
  readonly name: string;
  readonly remark: string;
}

/**
 * Lists choices with numbers and asks until one is named, by number or name. A number that is shown means its line,
 * even where something is called like that.
 * @returns null after an empty line: the user wants something else. @throws PromptLeft
 */
export async function choose(
  what: string,
  choices: readonly Choice[],
  { terminal, keyboard }: { readonly terminal: Terminal; readonly keyboard: Keyboard },
): Promise<string | null> {
  const lines = choices.map(
    ({ name, remark }, index) => `  ${index + 1}  ${escapeLine(`${name}  ${remark}`).trimEnd()}\n`,
  );
  await terminal.err(lines.join(''));
  for (;;) {
    const answer = (await keyboard.askLine(`${what} (number or name): `)).trim();
    if (answer === '') return null;
    const choice = choices[Number(answer) - 1] ?? choices.find(({ name }) => name === answer);
    if (choice !== undefined) return choice.name;
    await terminal.err(`There is no "${escapeLine(answer)}" here; an empty line leads back.\n`);
  }
}
