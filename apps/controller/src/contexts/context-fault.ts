import { MeshError } from '@scriptmesh/contracts';
import { CommandFailed } from '../cli/command-failed.js';
import { EXIT } from '../exit-code.js';
import type { Context, ContextBook } from './context-book.js';
import { findContext } from './context-book.js';

const fault = (detail: string, hint: string): MeshError => new MeshError('settings/invalid', detail, { hint });

/** @throws CommandFailed with exit code 3 */
export function getContext(book: ContextBook, name: string | null): Context {
  const context = findContext(book, name);
  if (context !== undefined) return context;
  throw new CommandFailed(name === null ? noCurrent() : unknownContext(name, book), EXIT.notFound);
}

export const noCurrent = (): MeshError =>
  fault(
    'no context is in use',
    'Choose one with "scriptmesh context use NAME", or make one with "scriptmesh context add NAME --url URL".',
  );

export function unknownContext(name: string, { contexts }: ContextBook): MeshError {
  const known = contexts.map((context) => context.name).join(', ') || 'none';
  return fault(
    `there is no context "${name}"; there is: ${known}`,
    `Make it with "scriptmesh context add NAME --url URL".`,
  );
}

/** @throws CommandFailed with exit code 5 */
export function refuseTaken(book: ContextBook, name: string): void {
  const context = findContext(book, name);
  if (context === undefined) return;
  const detail = `there is a context "${name}" already, for ${context.url}`;
  const hint = `Take another name, or remove that one with "scriptmesh context remove ${name}".`;
  throw new CommandFailed(fault(detail, hint), EXIT.conflict);
}
