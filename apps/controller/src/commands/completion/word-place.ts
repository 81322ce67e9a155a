import type { CommandNode, OptionNode } from '../../cli/command-tree.js';

/** Where on a command line the word stands that is being typed. */
export interface Place {
  /** The command to which the word belongs. */
  readonly command: CommandNode;
  /** The beginning of the word, as far as it is to be completed. */
  readonly begun: string;
  /** What stands in the same word before it: `--agent=` or nothing. */
  readonly head: string;
  /** The option whose value the word is. */
  readonly valueOf: OptionNode | null;
  /** How many arguments of the command stand before the word. */
  readonly argumentsBefore: number;
  /** After `--` come words that are not ours. */
  readonly afterEnd: boolean;
  /** Values of options before the word, by the option's attribute name. */
  readonly given: ReadonlyMap<string, string>;
}

/** Reads the words before the last one as commander would, without running anything; the last is being typed. */
export function placeOf(root: CommandNode, words: readonly string[]): Place {
  const walk = new Walk(root);
  for (const word of words.slice(0, -1)) walk.pass(word);
  return walk.end(words.at(-1) ?? '');
}

class Walk {
  readonly #given = new Map<string, string>();
  #command: CommandNode;
  #pending: OptionNode | null = null;
  #argumentsBefore = 0;
  #afterEnd = false;

  constructor(private readonly root: CommandNode) {
    this.#command = root;
  }

  pass(word: string): void {
    if (this.#pending !== null) {
      this.#given.set(this.#pending.attributeName(), word);
      this.#pending = null;
    } else if (this.#afterEnd) this.#argumentsBefore += 1;
    else if (word === '--') this.#afterEnd = true;
    else if (word.startsWith('-')) this.#passOption(word);
    else this.#passWord(word);
  }

  end(word: string): Place {
    const cut = /^--[^=]+=/.exec(word)?.[0] ?? '';
    const named = cut === '' || this.#pending !== null || this.#afterEnd ? null : this.#find(cut.slice(0, -1));
    const head = named === null ? '' : cut;
    return {
      command: this.#command,
      begun: word.slice(head.length),
      head,
      valueOf: this.#pending ?? named,
      argumentsBefore: this.#argumentsBefore,
      afterEnd: this.#afterEnd,
      given: this.#given,
    };
  }

  #passOption(word: string): void {
    const [, flag = word, value] = /^(--[^=]+|-[^-])(?:=?(.+))?$/s.exec(word) ?? [];
    const option = this.#find(flag);
    if (option === null) return;
    if (value !== undefined) this.#given.set(option.attributeName(), value);
    else this.#pending = option;
  }

  /** `help` leads nowhere: the words after it are commands of the same place. */
  #passWord(word: string): void {
    const below = this.#command.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (below !== undefined) this.#command = below;
    else if (word !== 'help' || this.#command.commands.length === 0) this.#argumentsBefore += 1;
  }

  /** Only options that take a value; the others change nothing for the words after them. */
  #find(flag: string): OptionNode | null {
    const known = [...this.#command.options, ...this.root.options];
    return known.find((option) => option.required && (option.long === flag || option.short === flag)) ?? null;
  }
}
