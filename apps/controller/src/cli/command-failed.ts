/** An error whose exit code the command knows better than the error does. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  constructor(
    readonly fault: unknown,
    readonly exitCode: number,
  ) {
    super('the command failed', { cause: fault });
  }
}
