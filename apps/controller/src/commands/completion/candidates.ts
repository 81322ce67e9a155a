import type { CommandNode, OptionNode } from '../../cli/command-tree.js';
import type { Place } from './word-place.js';

/** One way to go on. */
export interface Candidate {
  readonly value: string;
  /** One line for shells that show it; may be empty. */
  readonly note: string;
}

/** Names that only a running mesh or this installation knows. */
export type NameKind = 'agents' | 'scripts' | 'runs' | 'fields' | 'shells' | 'contexts';

/** What an option's value or an argument is a name of, by its own name, or by its command's when that alone is not clear. */
const KINDS: Readonly<Record<string, NameKind | null>> = {
  agent: 'agents',
  script: 'scripts',
  'runs id': 'runs',
  retryOf: 'runs',
  field: 'fields',
  shell: 'shells',
  context: 'contexts',
  'context name': 'contexts',
  // A new one has no name yet.
  'context add name': null,
};

/** What the command tree itself knows about a place; names of things are not in it. */
export function candidatesOf(root: CommandNode, place: Place): Candidate[] {
  const { command, valueOf, afterEnd, begun } = place;
  if (valueOf !== null) return (valueOf.argChoices ?? []).map((value) => ({ value, note: '' }));
  if (afterEnd) return [];
  if (begun.startsWith('-')) return flagsOf(root, command);
  if (place.argumentsBefore > 0) return [];
  return command
    .createHelp()
    .visibleCommands(command)
    .map((below) => ({ value: below.name(), note: below.description() }));
}

/** Which names belong to a place; null when the place wants none. */
export function nameKindOf({ command, valueOf, afterEnd, argumentsBefore, begun }: Place): NameKind | null {
  if (valueOf !== null) return KINDS[valueOf.attributeName()] ?? null;
  if (afterEnd || begun.startsWith('-')) return null;
  const name = argumentAt(command, argumentsBefore)?.name() ?? '';
  const group = command.parent?.name() ?? '';
  const exact = KINDS[`${group} ${command.name()} ${name}`];
  return exact === undefined ? (KINDS[name] ?? KINDS[`${group} ${name}`] ?? null) : exact;
}

/** The last one may take all that follows. */
function argumentAt({ registeredArguments: all }: CommandNode, place: number) {
  const last = all.at(-1);
  return all[place] ?? (last?.variadic === true ? last : undefined);
}

function flagsOf(root: CommandNode, command: CommandNode): Candidate[] {
  const help = command.createHelp();
  const options: OptionNode[] = help.visibleOptions(command);
  // --version is for the program alone; commander counts it among the global ones.
  if (command !== root) options.push(...root.options.filter(({ required, hidden }) => required && !hidden));
  return options.map((option) => ({ value: option.long ?? option.flags, note: option.description }));
}
