import { MeshError } from '@scriptmesh/contracts';
import { type Clock, SystemClock } from '@scriptmesh/runtime';
import { FakeApi } from '@scriptmesh/testing';
import { FileManifestSchema } from '../src/ports/file-manifest-schema.js';
import { CommandLog, type EndedCommand } from '../src/ports/command-log.js';
import type { ControllerPorts } from '../src/controller.module.js';
import { type ContextBook, EMPTY_BOOK } from '../src/contexts/context-book.js';
import { ContextStore } from '../src/ports/context-store.js';
import { Interrupts, type InterruptWatch } from '../src/ports/interrupts.js';
import { type ProgramName, Programs } from '../src/ports/programs.js';
import { type SettingsFlags, SettingsSource } from '../src/ports/settings-source.js';
import { runCli } from '../src/run-cli.js';
import { findPackageRoot } from '../src/version.js';
import { MemoryKeyboard } from './memory-keyboard.js';
import { MemoryMachine } from './memory-machine.js';
import { MemoryTerminal } from './memory-terminal.js';

class PressedKeys extends Interrupts {
  #interrupt = new AbortController();
  watched = 0;

  override watch(): InterruptWatch {
    this.watched += 1;
    return { signal: this.#interrupt.signal, stop: () => void (this.watched -= 1) };
  }
  press(): void {
    this.#interrupt.abort(new Error('interrupted'));
  }
}

class RecordedPrograms extends Programs {
  readonly started: { program: ProgramName; args: readonly string[] }[] = [];
  exitCode = 0;

  override async run(program: ProgramName, args: readonly string[]): Promise<number> {
    this.started.push({ program, args });
    return this.exitCode;
  }
}

class SetSettings extends SettingsSource {
  url = 'http://127.0.0.1:1';
  apiKey: string | null = null;
  fault: MeshError | null = null;
  flags: SettingsFlags = {};

  override load(flags: SettingsFlags) {
    this.flags = flags;
    if (this.fault !== null) throw this.fault;
    return { orchestratorUrl: flags.url ?? this.url, apiKey: this.apiKey };
  }
}

class KeptCommandLog extends CommandLog {
  readonly ended: EndedCommand[] = [];

  override async note(ended: EndedCommand): Promise<void> {
    this.ended.push(ended);
  }
}

class MemoryContexts extends ContextStore {
  override readonly place = 'memory';
  book: ContextBook = EMPTY_BOOK;

  override load(): ContextBook {
    return this.book;
  }
  override save(book: ContextBook): void {
    this.book = book;
  }
}

/** A command line with everything around it in memory, but for the sockets to a fake API. */
export class CliBench {
  readonly terminal = new MemoryTerminal();
  readonly interrupts = new PressedKeys();
  readonly programs = new RecordedPrograms();
  readonly machine = new MemoryMachine();
  readonly settings = new SetSettings();
  clock: Clock = new SystemClock();
  readonly manifestSchema = new FileManifestSchema(findPackageRoot());
  readonly commandLog = new KeptCommandLog();
  readonly keyboard = new MemoryKeyboard(this.terminal);
  readonly contexts = new MemoryContexts();

  private constructor(readonly api: FakeApi) {
    this.settings.url = api.url;
    this.settings.apiKey = api.key;
  }

  static async start(): Promise<CliBench> {
    return new CliBench(await FakeApi.start());
  }

  /** Makes stdout and stderr look like a terminal. */
  onTerminal(): this {
    this.terminal.outIsTerminal = true;
    this.terminal.errIsTerminal = true;
    return this;
  }

  /** Resolves with the exit code. A line is split at blanks. */
  run(line: string | readonly string[]): Promise<number> {
    const { terminal, keyboard, interrupts, programs, machine, settings, contexts, manifestSchema, commandLog, clock } =
      this;
    const ports: ControllerPorts = {
      terminal,
      keyboard,
      interrupts,
      programs,
      machine,
      settings,
      contexts,
      manifestSchema,
      commandLog,
      clock,
      commands: { run: (words) => runCli(words, ports, '1.2.3') },
    };
    const words = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
    return runCli(words, ports, '1.2.3');
  }

  stop(): Promise<void> {
    return this.api.stop();
  }
}
