/** What is typed, or comes through a pipe. */
export abstract class Keyboard {
  /** A person types, not a pipe or a file. */
  abstract readonly isTerminal: boolean;
  /** One line, without its end. @throws PromptLeft at Ctrl-C and Ctrl-D */
  abstract askLine(prompt: string): Promise<string>;
  /** The same, but what is typed is not shown. @throws PromptLeft at Ctrl-C and Ctrl-D */
  abstract askHidden(prompt: string): Promise<string>;
  /** All that comes, until its end; not for a terminal. @throws InputTooLarge beyond `maxBytes` */
  abstract readAll(maxBytes: number): Promise<Buffer>;
}

/** Ctrl-C or Ctrl-D instead of an answer: no error, the user has had enough. */
export class PromptLeft extends Error {
  override readonly name = 'PromptLeft';
  constructor(readonly by: 'interrupt' | 'end') {
    super('the question was left without an answer');
  }
}

export class InputTooLarge extends Error {
  override readonly name = 'InputTooLarge';
  constructor(readonly maxBytes: number) {
    super(`more than ${maxBytes} bytes came`);
  }
}
