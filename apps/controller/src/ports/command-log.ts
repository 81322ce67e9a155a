/** What is kept of a command: never its arguments, which may hold what nobody else should read. */
export interface EndedCommand {
  /** As in `runs show`. */
  readonly command: string;
  readonly exitCode: number;
  /** Why it failed, when it did. */
  readonly error?: unknown;
}

/** Where the program keeps what was done with it. */
export abstract class CommandLog {
  /** Never throws: a command has done its work, whether there is a log or not. */
  abstract note(ended: EndedCommand): Promise<void>;
}
