import type { Database } from '@scriptmesh/database';
import { PromMetrics } from '@scriptmesh/metrics';
import { closeTestDatabase, metricValue, MovedClock, openTestDatabase } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeteredDatabase } from './metered-database.js';

describe('MeteredDatabase', () => {
  let db: Database;
  beforeEach(async () => {
    db = await openTestDatabase();
  });
  afterEach(() => closeTestDatabase(db));

  it('times commits, counts what was undone, and is the same store', async () => {
    const metrics = new PromMetrics();
    const clock = new MovedClock();
    const metered = new MeteredDatabase(db, metrics, clock);
    await metered.write(async (trx) => {
      await trx.insertInto('meta').values({ key: 'a', value: 'b' }).execute();
      await clock.advance(250);
    });
    await expect(metered.write(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const { text } = await metrics.render();
    expect(metricValue(text, 'scriptmesh_store_write_duration_seconds_count')).toBe(2);
    expect(metricValue(text, 'scriptmesh_store_write_duration_seconds_sum')).toBe(0.25);
    expect(metricValue(text, 'scriptmesh_store_write_failures_total')).toBe(1);
    const rows = await metered.read.selectFrom('meta').select('value').where('key', '=', 'a').execute();
    expect([rows, metered.engine, metered.storeSeq]).toEqual([[{ value: 'b' }], db.engine, db.storeSeq]);
  });
});
