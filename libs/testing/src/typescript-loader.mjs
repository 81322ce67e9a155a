/**
 * Lets plain Node run the TypeScript of this workspace without a build: `node --import <this file> ...`.
 * For tests that need a second process; programs run from `dist`. Registers itself as Node's module hooks.
 */
import { existsSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import ts from 'typescript';

const LIBS = new URL('../../', import.meta.url);
const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('@scriptmesh/')) {
    const [, library, ...door] = specifier.split('/');
    return next(new URL(`${library}/src/${[...door, 'index.ts'].join('/')}`, LIBS).href, context);
  }
  if (specifier.startsWith('.') && specifier.endsWith('.js')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(source))) return next(source.href, context);
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { outputText } = ts.transpileModule(readFileSync(fileURLToPath(url), 'utf8'), { compilerOptions: OPTIONS });
  return { format: 'module', shortCircuit: true, source: outputText };
}
