import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { InputTooLarge, Keyboard, PromptLeft } from './keyboard.js';

/** stdin of this process; prompts go to `prompts`, so that stdout keeps data only. */
export class ProcessKeyboard extends Keyboard {
  /** Lines that came together with an earlier one, as when several are pasted or typed ahead. */
  readonly #ahead: string[] = [];

  constructor(
    private readonly stdin: ReadStream,
    private readonly prompts: WriteStream,
  ) {
    super();
  }

  override get isTerminal(): boolean {
    return this.stdin.isTTY === true;
  }

  override askLine(prompt: string): Promise<string> {
    const ahead = this.#ahead.shift();
    if (ahead === undefined) return this.#ask(this.prompts, prompt);
    this.prompts.write(`${prompt}${ahead}\n`);
    return Promise.resolve(ahead);
  }

  override async askHidden(prompt: string): Promise<string> {
    this.#ahead.length = 0;
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    // Only when the terminal has stopped showing what is typed may it look as if one could type.
    const isHidden = (): void => void this.prompts.write(prompt);
    return this.#ask(nowhere, '', isHidden).finally(() => this.prompts.write('\n'));
  }

  override async readAll(maxBytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of this.stdin as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > maxBytes) throw new InputTooLarge(maxBytes);
    }
    return Buffer.concat(parts);
  }

  /** Open only while a question stands: a command that runs afterwards has the terminal, and Ctrl-C, as usual. */
  #ask(output: NodeJS.WritableStream, prompt: string, onReady = (): void => {}): Promise<string> {
    const lines = createInterface({ input: this.stdin, output, prompt, terminal: true, historySize: 0 });
    let answer: string | null = null;
    let by: PromptLeft['by'] = 'end';
    return new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        if (answer !== null) return void this.#ahead.push(line);
        answer = line;
        // Later, so that the other lines of the same piece are not lost with the interface.
        setImmediate(() => lines.close());
      });
      lines.once('SIGINT', () => {
        by = 'interrupt';
        lines.close();
      });
      lines.once('close', () => {
        if (answer === null) output.write('\n', () => reject(new PromptLeft(by)));
        else resolve(answer);
      });
      lines.prompt();
      onReady();
    });
  }
}
