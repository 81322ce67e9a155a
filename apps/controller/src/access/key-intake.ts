import { Injectable } from '@nestjs/common';
import { checkForeignKey, type SettingFault } from '@scriptmesh/config';
import { UsageFault } from '../cli/usage-fault.js';
import { InputTooLarge, Keyboard } from '../ports/keyboard.js';

/** More than any key has; a wrong file in the pipe is not read to its end. */
const MOST_BYTES = 4096;
const HINT = 'Type it at the prompt, or send one line: scriptmesh login < FILE';

/** Takes a key from a prompt that does not show it, or from a pipe; never from the command line. */
@Injectable()
export class KeyIntake {
  constructor(private readonly keyboard: Keyboard) {}

  /** @throws UsageFault, and PromptLeft at Ctrl-C and Ctrl-D */
  async read(prompt: string): Promise<string> {
    const { keyboard } = this;
    const key = (keyboard.isTerminal ? await keyboard.askHidden(prompt) : await this.#readPipe()).trim();
    const faults: SettingFault[] = [];
    checkForeignKey('key', key, faults);
    const [fault] = faults;
    if (fault !== undefined) throw new UsageFault(fault.problem, HINT);
    return key;
  }

  async #readPipe(): Promise<string> {
    try {
      return (await this.keyboard.readAll(MOST_BYTES)).toString('utf8');
    } catch (error) {
      throw error instanceof InputTooLarge ? new UsageFault('that is too much for a key', HINT) : error;
    }
  }
}
