import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputTail } from '@scriptmesh/contracts';
import { runIdOf } from '../../../test-support/agent-home.js';
import { openTestJournal } from '../../../test-support/open-test-journal.js';
import type { EndRecord, Journal } from '../../journal/index.js';
import { sayRecord } from './say-end.js';

const RUN = runIdOf(1);
const RECEIPT = 'r'.repeat(43);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const tailOf = (text: string): OutputTail => ({ length: text.length, sha256: sha256(text) });

describe('what is said of an ended run', () => {
  let home: string;
  let journal: Journal;

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-say-end-'));
    journal = await openTestJournal(join(home, 'spool'));
    await journal.writeIntent({ runId: RUN, receipt: RECEIPT, script: 's', scriptSha: 'a'.repeat(64), timeoutMs: 1 });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** Ends the run with these tails on record, and says so. */
  async function say(tails: Extract<EndRecord, { kind: 'exit' }>['tails']) {
    await journal.writeEnd(RUN, {
      kind: 'exit',
      code: 0,
      signal: null,
      killedBy: null,
      lengths: { stdout: 5, stderr: 5 },
      sha256: { stdout: sha256('hello'), stderr: sha256('aside') },
      dropped: { stdout: 9, stderr: 9 },
      ...(tails ? { tails } : {}),
      durationMs: 1,
    });
    return spoken();
  }
  async function spoken() {
    const record = journal.find(RUN);
    if (!record) throw new Error('there is no record');
    const { message, bytes } = await sayRecord(record, RECEIPT, journal);
    const tails = message.kind === 'result' ? message.tails : undefined;
    return { kind: message.kind, tails, bytes: bytes && Buffer.from(bytes).toString() };
  }
  const write = (name: string, text: string): void => writeFileSync(join(journal.folderOf(RUN), name), text);

  it('brings the last of its output along, that of stdout first', async () => {
    write('stdout.tail', 'the end');
    write('stderr.tail', 'aside');
    const tails = { stdout: tailOf('the end'), stderr: tailOf('aside') };
    expect(await say(tails)).toEqual({ kind: 'result', tails, bytes: 'the endaside' });
  });

  it.each([
    ['is gone', undefined],
    ['is shorter', 'the en'],
    ['holds something else', 'the END'],
  ])('leaves out a tail whose file %s, and says so', async (_, text) => {
    if (text !== undefined) write('stdout.tail', text);
    write('stderr.tail', 'aside');
    const tails = { stdout: tailOf('the end'), stderr: tailOf('aside') };
    expect(await say(tails)).toEqual({ kind: 'result', tails: { ...tails, stdout: null }, bytes: 'aside' });
  });

  it('has no tails for a record of an older supervisor, nor once the run is settled', async () => {
    expect(await say(undefined)).toEqual({ kind: 'result', tails: undefined, bytes: undefined });
    await journal.settle(RUN);
    expect(await spoken()).toEqual({ kind: 'result', tails: undefined, bytes: undefined });
  });

  it('forgets the tails together with the output', async () => {
    write('stdout.tail', 'the end');
    await say({ stdout: tailOf('the end'), stderr: null });
    await journal.settle(RUN);
    expect(await spoken()).toEqual({ kind: 'result', tails: undefined, bytes: undefined });
  });
});
