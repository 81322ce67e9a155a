import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { UsageFault } from '../../cli/usage-fault.js';
import { InputTooLarge, Keyboard } from '../../ports/keyboard.js';

/** The API takes less; a wrong file in the pipe is not read to its end. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Where the body of a call may come from, beside the command line. */
@Injectable()
export class BodySource {
  constructor(private readonly keyboard: Keyboard) {}

  /** @throws UsageFault */
  fromFile(path: string): Buffer {
    try {
      return readFileSync(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new UsageFault(`the file ${path} cannot be read (${code ?? 'unknown error'})`, 'Check its name.');
    }
  }

  /** @throws UsageFault */
  async fromPipe(): Promise<Buffer> {
    try {
      return await this.keyboard.readAll(MOST_BYTES);
    } catch (error) {
      if (error instanceof InputTooLarge) throw new UsageFault(error.message, 'Send less.');
      throw error;
    }
  }
}
