import { mkdirSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wholeOf } from '../domain/byte-range.js';
import { parseFilePath } from '../domain/file-path.js';
import { DataHome, SECRET } from '../test-support/data-home.js';
import { DiskDataFolder } from './disk-data-folder.js';
import { byDescriptor } from './place.js';

const SWAPS = 1000;
const READS = 1000;

/** Another thread, which puts a link to `outside` in the place of `name` and the good thing back, over and over. */
const SWAPPER = `
const { renameSync, symlinkSync } = require('node:fs');
const { workerData: { name, outside, counts } } = require('node:worker_threads');
symlinkSync(outside, name + '.link');
while (Atomics.load(counts, 1) === 0) {
  renameSync(name, name + '.good');
  renameSync(name + '.link', name);
  renameSync(name, name + '.link');
  renameSync(name + '.good', name);
  Atomics.add(counts, 0, 1);
}`;

describe('links that are swapped while files are read (G2)', () => {
  let home: DataHome;
  let folder: DiskDataFolder;
  beforeEach(() => {
    home = new DataHome();
    folder = new DiskDataFolder(home.data, byDescriptor);
  });
  afterEach(() => home.remove());

  /** Asks at least so often, and until the other thread has swapped at least so often; returns what came, each once. */
  async function askWhileSwapped(name: string, outside: string, ask: () => Promise<string>): Promise<Set<string>> {
    const counts = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(SWAPPER, { eval: true, workerData: { name: home.at(name), outside, counts } });
    const ended = new Promise<void>((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject));
    const answers = new Set<string>();
    try {
      for (let reads = 0; reads < READS || Atomics.load(counts, 0) < SWAPS; reads += 1) {
        answers.add(await ask().catch((error: { code?: string }) => String(error.code)));
      }
    } finally {
      Atomics.store(counts, 1, 1);
      await ended;
    }
    expect(home.countOpen()).toBe(0);
    return answers;
  }

  async function read(path: string): Promise<string> {
    const file = await folder.openFile(parseFilePath(path));
    try {
      for await (const piece of file.read(wholeOf(file.bytes))) return Buffer.from(piece).toString('utf8');
      return '';
    } finally {
      await file.close();
    }
  }

  it.each([
    ['a file', 'a.txt', 'a.txt'],
    ['a folder on the way', 'a', 'a/b/secret.txt'],
  ])('never lead out in the place of %s', async (_what, name, path) => {
    home.write(path, 'inside');
    mkdirSync(`${home.path}/out/b`, { recursive: true });
    writeFileSync(`${home.path}/out/b/secret.txt`, SECRET);
    const outside = name === path ? home.secret : `${home.path}/out`;
    const answers = await askWhileSwapped(name, outside, () => read(path));
    expect(answers).toContain('inside');
    for (const answer of answers) expect(['inside', 'file/unsafe-path', 'file/not-found']).toContain(answer);
  });

  it('never lead a list out', async () => {
    home.write('a/inside', 'x');
    mkdirSync(`${home.path}/out`);
    writeFileSync(`${home.path}/out/outside`, SECRET);
    const list = async () => {
      const { entries } = await folder.list(parseFilePath('a'), null, 50);
      return entries.map(({ name, bytes }) => `${name} ${bytes}`).join();
    };
    const answers = await askWhileSwapped('a', `${home.path}/out`, list);
    expect(answers).toContain('inside 1');
    for (const answer of answers) expect(['inside 1', '', 'file/unsafe-path', 'file/not-found']).toContain(answer);
  });
});
