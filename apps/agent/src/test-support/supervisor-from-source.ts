import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { BUILT_SUPERVISOR, type SupervisorProgram } from '../features/execution/index.js';

const SOURCES = fileURLToPath(new URL('../supervisor/', import.meta.url));
const OPTIONS = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };

/** The supervisor as it stands in the sources, made into JavaScript once for each state of them: so it starts as fast as a built one. */
export const SUPERVISOR_FROM_SOURCE: SupervisorProgram = {
  nodeArgs: BUILT_SUPERVISOR.nodeArgs,
  file: join(translate(), 'main.js'),
  text: null,
};

function translate(): string {
  const names = readdirSync(SOURCES).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  const sources = names.map((name) => [name, readFileSync(join(SOURCES, name), 'utf8')] as const);
  const folder = join(
    tmpdir(),
    `scriptmesh-supervisor-${createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16)}`,
  );
  const making = mkdtempSync(`${folder}-`);
  writeFileSync(join(making, 'package.json'), '{"type":"module"}');
  for (const [name, text] of sources) {
    const { outputText } = ts.transpileModule(text, { compilerOptions: OPTIONS });
    writeFileSync(join(making, name.replace(/\.ts$/, '.js')), outputText);
  }
  try {
    renameSync(making, folder);
  } catch {
    // Another test has made the same before.
    rmSync(making, { recursive: true });
  }
  return folder;
}
