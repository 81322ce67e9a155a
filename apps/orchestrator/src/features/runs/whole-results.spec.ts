import { Test, type TestingModule } from '@nestjs/testing';
import { OUTPUT_TAIL_BYTES, SYSTEM_PRINCIPAL } from '@scriptmesh/contracts';
import type { Database } from '@scriptmesh/database';
import { closeTestDatabase, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { surroundingsOn } from '../../test-support/surroundings.js';
import { unmoved } from './domain/run-progress.js';
import type { Run } from './domain/run.js';
import { RunWriter } from './run-writer.js';
import { RunsModule } from './runs.module.js';
import { RunsStore } from './runs.store.js';
import { aRun } from './test-support/a-run.js';
import { WholeResults } from './whole-results.js';

describe('a result that comes in one piece', () => {
  let db: Database;
  let nest: TestingModule;
  const run = aRun({ state: 'dispatched' });

  beforeEach(async () => {
    db = await openTestDatabase();
    const imports = [surroundingsOn(db, { outputMaxBytes: 8 }).module, RunsModule];
    nest = await Test.createTestingModule({ imports }).compile();
    await nest.get(RunWriter).write(SYSTEM_PRINCIPAL, (runs) => Promise.resolve(runs.insert(unmoved(run))));
  });
  afterEach(async () => {
    await nest.close();
    await closeTestDatabase(db);
  });

  async function take(stdout: string): Promise<Run> {
    await nest.get(RunWriter).write(SYSTEM_PRINCIPAL, async (runs) => {
      await runs.read([run.id]);
      const output = { stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) };
      const result = { code: 0, signal: null, output, isComplete: true };
      await nest.get(WholeResults).take(runs, runs.find(run.id) as Run, result);
    });
    return (await nest.get(RunsStore).find(run.id)) as Run;
  }
  const outputAt = async (offset: number): Promise<string> =>
    Buffer.from(await nest.get(RunsStore).readOutput(run.id, 'stdout', offset, 1_000_000)).toString();

  it('is stored whole up to the limit', async () => {
    expect(await take('12345678')).toMatchObject({ state: 'succeeded', truncated: false, tails: null });
    expect(await outputAt(0)).toBe('12345678');
  });

  it('is stored whole when not more than a tail is beyond it', async () => {
    const tails = { stdout: { offset: 8, length: 4, missing: 0 } };
    expect(await take('123456789012')).toMatchObject({ truncated: false, tails });
    expect(await outputAt(0)).toBe('123456789012');
  });

  it('is stored as its beginning and its end when more is beyond it', async () => {
    const text = `12345678${'x'.repeat(100)}${'y'.repeat(OUTPUT_TAIL_BYTES)}`;
    const tails = { stdout: { offset: 108, length: OUTPUT_TAIL_BYTES, missing: 100 } };
    expect(await take(text)).toMatchObject({ truncated: true, droppedBytes: 100 + OUTPUT_TAIL_BYTES, tails });
    expect(await outputAt(0)).toBe('12345678');
    expect((await outputAt(108)) === text.slice(108)).toBe(true);
  });
});
