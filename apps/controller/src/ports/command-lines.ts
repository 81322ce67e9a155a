/** Runs other command lines of this program, as if they had been typed. */
export abstract class CommandLines {
  /** @param words without the program's name @returns the exit code; errors have been told */
  abstract run(words: readonly string[]): Promise<number>;
}
