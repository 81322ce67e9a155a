import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './program.js';

interface BashBlock {
  readonly heading: string;
  readonly text: string;
}

/** The pieces of bash in a document, in their order, each with the heading above it. */
export function bashBlocks(document: string): readonly BashBlock[] {
  let heading = '';
  const blocks: BashBlock[] = [];
  const parts = readFileSync(join(ROOT, document), 'utf8').matchAll(/^## (.+)$|^```bash\n([\s\S]*?)^```$/gm);
  for (const [, title, text] of parts) {
    if (title !== undefined) heading = title;
    else if (text !== undefined) blocks.push({ heading, text });
  }
  return blocks;
}
