import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putEndRecord, writeEndRecord } from './end-record-file.js';

const END = { kind: 'spawnFailed', code: 'run/start-failed', why: 'a test' } as const;

describe('the end record', () => {
  let folder: string;
  const read = (): unknown => JSON.parse(readFileSync(join(folder, 'end'), 'utf8'));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scriptmesh-end-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes the room that was reserved for it, so that a full disk cannot hold it back', async () => {
    writeFileSync(join(folder, 'reserve'), Buffer.alloc(4096));
    const { ino } = statSync(join(folder, 'reserve'));
    await writeEndRecord(folder, END);

    expect(read()).toEqual(END);
    expect(statSync(join(folder, 'end')).ino).toBe(ino);
    expect(readdirSync(folder)).toEqual(['end']);
  });

  it('does without, and writes over what an attempt before has left', async () => {
    writeFileSync(join(folder, 'end.new'), `${'x'.repeat(10_000)}`);
    await writeEndRecord(folder, END);
    expect(read()).toEqual(END);
    expect(readdirSync(folder)).toEqual(['end']);
  });

  it('stands, whole, before it is durable, and one that stands stays', async () => {
    const { durable } = putEndRecord(folder, END);
    expect([read(), readdirSync(folder)]).toEqual([END, ['end']]);
    await durable;
    await writeEndRecord(folder, { ...END, why: 'another' });
    expect(read()).toEqual(END);
  });

  it('says that it is not durable when its folder is gone by then', async () => {
    const { durable } = putEndRecord(folder, END);
    rmSync(folder, { recursive: true });
    await durable.catch(() => undefined);
    expect(() => putEndRecord(folder, END)).toThrowError(expect.objectContaining({ code: 'ENOENT' }));
  });
});
