import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 30_000;

/** A built program as a real process. */
export class Program {
  readonly output: { stdout: string; stderr: string } = { stdout: '', stderr: '' };
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, cwd: string) {
    this.#child = spawn(process.execPath, args, {
      cwd,
      env: { ...basics(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (data: Buffer) => (this.output.stdout += data.toString()));
    this.#child.stderr?.on('data', (data: Buffer) => (this.output.stderr += data.toString()));
    this.ended = new Promise((resolve) => this.#child.once('close', (code, signal) => resolve({ code, signal })));
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** The address of the ready line. @throws when the program ends before it, with what it said */
  async ready(): Promise<string> {
    let over = false;
    void this.ended.then(() => (over = true));
    await until('the ready line', () => / ready on \S+/.test(this.output.stdout) || over, READY_WITHIN_MS);
    const address = / ready on (\S+)/.exec(this.output.stdout)?.[1];
    if (!address) throw new Error(`the program ended before it was ready:\n${this.output.stdout}${this.output.stderr}`);
    return address;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return (await this.ended).code;
  }
}

/** What is shipped of each program. */
const SHIPPED = { orchestrator: 'dist/orchestrator/bundle/orchestrator.mjs', agent: 'dist/agent.mjs' } as const;

/** Starts `orchestrator` or `agent` as it is shipped, with `home` as its home folder. */
export function startProgram(
  name: 'orchestrator' | 'agent',
  home: string,
  env: Readonly<Record<string, string>>,
  file = join(ROOT, SHIPPED[name]),
): Program {
  return new Program([file], { SCRIPT_MESH_HOME: home, ...env }, home);
}

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real CLI to its end. */
export async function runCli(words: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  const cli = new Program([join(ROOT, 'bin/scriptmesh.mjs'), ...words], env, ROOT);
  const { code } = await cli.ended;
  return { code, ...cli.output };
}

/** Waits for a state of the outside world; polls, since other processes cannot be listened to. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function basics(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TZ'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : [])));
}
