import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { findUnnamedSignal } from './last-signal.js';

describe.runIf(existsSync('/proc/self/stat'))('the signal that has ended a process', () => {
  let parent: ChildProcess | undefined;
  afterEach(() => parent?.kill('SIGKILL'));

  /** A process that ends as the text says and is never waited for: its parent has become a program that does not. */
  async function remainsOf(text: string): Promise<number> {
    const shell = spawn('/bin/sh', ['-c', `exec 3<&0; sh -c 'read go <&3; ${text}' & echo $!; exec sleep 60`], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    parent = shell;
    const [pid] = (await once(shell.stdout, 'data')) as [Buffer];
    // A shell would wait for it.
    await expect.poll(() => readFileSync(`/proc/${shell.pid}/comm`, 'utf8')).toBe('sleep\n');
    shell.stdin.write('\n');
    return Number(pid);
  }

  it.each([
    ['kill -33 $$', 'SIG33'],
    ['kill -34 $$', 'SIGRTMIN'],
    ['kill -40 $$', 'SIGRTMIN+6'],
    ['kill -64 $$', 'SIGRTMIN+30'],
    ['kill -9 $$', null],
    ['exit 0', null],
    ['exit 162', null],
  ])('after %j is %j', async (text, name) => {
    const pid = await remainsOf(text);
    await expect.poll(() => findUnnamedSignal(pid)).toBe(name);
  });

  it('is none of a process that lives on, or is not there', () => {
    expect([findUnnamedSignal(process.pid), findUnnamedSignal(2 ** 30)]).toEqual([null, null]);
  });
});
