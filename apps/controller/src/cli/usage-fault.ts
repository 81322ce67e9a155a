/** The command line itself is wrong. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** A value that an option's parser does not take. The code is the one by which commander tells it from a bug. */
export class InvalidValue extends Error {
  override readonly name = 'InvalidValue';
  readonly code = 'commander.invalidArgument';
  readonly exitCode = 2;
}
