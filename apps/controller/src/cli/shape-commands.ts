import type { CommandNode, OptionNode } from './command-tree.js';
import { examples } from './examples.js';
import { refuseKeys } from './refuse-keys.js';
import { InvalidValue } from './usage-fault.js';

interface Shape {
  readonly version: string;
  readonly columns: number;
  readonly write: (text: string, to: 'out' | 'err') => void;
  readonly takeFlags: (flags: Record<string, string>) => void;
  /** Told the name of the command that begins, as in `runs show`. */
  readonly noteCommand: (name: string) => void;
}

/**
 * Makes the commands strict, which nest-commander 3.21 does not: `choices` are not enforced, extra arguments pass,
 * errors end the process with 1, and the program is called after its file. Each has a test in run-cli.spec.ts.
 */
export function shapeCommands(root: CommandNode, shape: Shape): void {
  root
    .name('scriptmesh')
    .description('Runs approved scripts on a mesh of machines.')
    .option('--url <url>', 'address of the orchestrator (else ORCHESTRATOR_URL)')
    .option('--api-key-file <file>', 'file that holds the key (else SCRIPT_MESH_API_KEY or SCRIPT_MESH_API_KEY_FILE)')
    .option('--context <name>', 'context whose address and key are used (else the current one)')
    .version(shape.version, '--version', 'print the version')
    .addHelpText(
      'before',
      examples(['scriptmesh status', 'scriptmesh run hello_world -a NAME', 'scriptmesh runs list --state failed']),
    )
    .hook('preAction', (_, command) => {
      shape.takeFlags(root.opts());
      shape.noteCommand(nameOf(command));
    });
  refuseKeys(root);
  shapeOne(root, shape);
}

/** The words that call a command, without the program's. */
const nameOf = (node: CommandNode): string =>
  node.parent?.parent ? `${nameOf(node.parent)} ${node.name()}` : node.name();

function shapeOne(node: CommandNode, shape: Shape): void {
  node
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => shape.write(text, 'out'),
      writeErr: (text) => shape.write(text, 'err'),
      // The error is thrown as well, and told from there with what to do.
      outputError: () => {},
      getOutHelpWidth: () => shape.columns,
      getErrHelpWidth: () => shape.columns,
    })
    .helpOption('-h, --help', 'show this help');
  if (node.commands.length === 0) node.allowExcessArguments(false);
  else node.addHelpCommand('help [command]', 'show the help of a command');
  for (const option of node.options) enforceChoices(option);
  for (const child of node.commands) shapeOne(child, shape);
}

/** nest-commander sets the option's method as parser, which takes the place of commander's own check of the choices. */
function enforceChoices(option: OptionNode): void {
  const choices = option.argChoices;
  if (choices === undefined) return;
  const parse = option.parseArg;
  option.argParser((value: string, previous: unknown) => {
    if (!choices.includes(value)) throw new InvalidValue(`Allowed are ${choices.join(', ')}.`);
    return parse === undefined ? value : parse(value, previous);
  });
}
