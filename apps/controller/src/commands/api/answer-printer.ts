import { Injectable } from '@nestjs/common';
import type { ApiClient } from '@scriptmesh/api-client';
import { escapeControls } from '../../output/escape-controls.js';
import { toJson } from '../../output/json.js';
import { ScriptOutput } from '../../output/script-output.js';
import { Terminal } from '../../ports/terminal.js';

type RawAnswer = Awaited<ReturnType<ApiClient['raw']>>;

/** Of an error no more is read for its explanation, and no more of JSON is laid out. */
const MOST_LAID_OUT_BYTES = 16 * 1024 * 1024;

/** Prints the body of an answer: as it is, but for JSON on a terminal, which is laid out for people. */
@Injectable()
export class AnswerPrinter {
  constructor(private readonly terminal: Terminal) {}

  /** @throws the error that the answer means, after its body was printed */
  async print(answer: RawAnswer, raw: boolean): Promise<void> {
    const isLaidOut = this.terminal.outIsTerminal && !raw && /^application\/([\w.]+\+)?json\b/.test(answer.contentType);
    const output = new ScriptOutput(this.terminal, 'stdout', raw);
    const held: Buffer[] = [];
    let bytes = 0;
    for await (const part of answer.body) {
      if (bytes < MOST_LAID_OUT_BYTES) held.push(part);
      bytes += part.length;
      if (!isLaidOut) await output.write(part);
    }
    await output.end();
    const text = Buffer.concat(held).toString('utf8');
    if (isLaidOut) await this.terminal.out(`${layOut(text)}\n`);
    const fault = answer.toFault(text);
    if (fault !== null) throw fault;
  }
}

function layOut(text: string): string {
  try {
    return toJson(JSON.parse(text), 2);
  } catch {
    return escapeControls(text);
  }
}
