import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

const ROOT = join(import.meta.dirname, '..');

/**
 * For specs of files that are made from code: compares the committed file with what the code makes now, and writes it
 * when `npm run generate` asks for it (UPDATE_GENERATED=1).
 * @param path below the repository, as in `docs/errors.md`; Markdown is formatted as the rest of the repository is
 * @returns both texts, for one `expect(committed).toBe(made)`
 */
export async function compareGenerated(path: string, text: string): Promise<{ committed: string; made: string }> {
  const file = join(ROOT, path);
  const made = path.endsWith('.md') ? await format(text, { ...(await resolveConfig(file)), filepath: file }) : text;
  if (process.env['UPDATE_GENERATED'] === '1') writeFileSync(file, made);
  return { committed: readIfThere(file), made };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
