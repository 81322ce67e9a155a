import { Command, CommandRunner } from 'nest-commander';
import { Clock } from '@scriptmesh/runtime';
import { GlobalFlags } from '../../access/global-flags.js';
import { CommandTree } from '../../cli/command-tree.js';
import { escapeLine } from '../../output/escape-controls.js';
import { Terminal } from '../../ports/terminal.js';
import { type Candidate, candidatesOf, nameKindOf } from './candidates.js';
import { LiveNames } from './live-names.js';
import { type Place, placeOf } from './word-place.js';
import { within } from './within.js';

/** A shell stands still meanwhile. */
const PATIENCE_MS = 1500;

/**
 * What the completion scripts ask: `scriptmesh __complete -- WORDS...`, the last word as far as it is typed. Prints
 * `value<tab>note` lines, and on any failure nothing at all: a message would stand in the middle of someone's typing.
 */
@Command({ name: '__complete', arguments: '[words...]', options: { hidden: true } })
export class CompleteCommand extends CommandRunner {
  constructor(
    private readonly tree: CommandTree,
    private readonly names: LiveNames,
    private readonly flags: GlobalFlags,
    private readonly clock: Clock,
    private readonly terminal: Terminal,
  ) {
    super();
  }

  override async run(words: string[]): Promise<void> {
    const place = placeOf(this.tree.root, words);
    const found = [...candidatesOf(this.tree.root, place), ...(await this.#live(place))];
    const lines = found
      .filter(({ value }) => value.startsWith(place.begun))
      .map(({ value, note }) => `${place.head}${value}\t${escapeLine(note)}\n`);
    await this.terminal.out(lines.join(''));
  }

  async #live(place: Place): Promise<readonly Candidate[]> {
    const kind = nameKindOf(place);
    if (kind === null) return [];
    this.flags.take(this.#globalFlags(place));
    try {
      return (await within(this.clock, PATIENCE_MS, this.names.list(kind, place.given.get('agent')))) ?? [];
    } catch {
      return [];
    }
  }

  /** Names come from the orchestrator that the words being typed are for. */
  #globalFlags({ given }: Place): Record<string, string> {
    const names = new Set(this.tree.root.options.map((option) => option.attributeName()));
    return Object.fromEntries([...given].filter(([name]) => names.has(name)));
  }
}
