import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '@scriptmesh/contracts';
import { SystemClock } from '@scriptmesh/runtime';
import { KeptLog, runIdOf } from '../../../test-support/agent-home.js';
import type { EndRecord } from '../../journal/index.js';
import { fileVersion } from '../../../supervisor/index.js';
import { ChildProcessStarter } from './child-process-starter.js';
import type { StartOrder } from './script-starter.js';

const RUN = runIdOf(1);

describe('the agent as the parent of scripts, where there is no supervisor', () => {
  let spool: string;
  let starter: ChildProcessStarter;
  let ended: Promise<readonly [RunId, EndRecord]>;
  let wrote: Promise<number>;

  const order = (text: string): StartOrder => ({
    runId: RUN,
    folder: join(spool, RUN),
    argv: ['/bin/sh', '-c', text],
    checked: { file: '/bin/sh', version: fileVersion(lstatSync('/bin/sh', { bigint: true })) },
    cwd: spool,
    env: { PATH: '/usr/bin:/bin', SM_RUN_ID: RUN },
    timeoutMs: 60_000,
    killGraceMs: 1_000,
    outputMaxBytes: 1_000,
  });

  beforeEach(() => {
    spool = mkdtempSync(join(tmpdir(), 'scriptmesh-plain-'));
    mkdirSync(join(spool, RUN));
    starter = new ChildProcessStarter(new SystemClock(), new KeptLog());
    ended = new Promise((resolve) => starter.onEnd((...end) => resolve(end)));
    wrote = new Promise((resolve) => starter.onOutput((_, __, length) => resolve(length)));
  });
  afterEach(async () => {
    await starter.close();
    rmSync(spool, { recursive: true, force: true });
  });

  it('starts them and tells of output and end', async () => {
    await starter.start(order('echo out; exit 3'));
    expect(await wrote).toBe(4);
    expect(await ended).toMatchObject([RUN, { kind: 'exit', code: 3 }]);
  });

  it('ends them when the agent stops, on record', async () => {
    await starter.start(order('echo begun; exec sleep 60'));
    await wrote;
    expect(await starter.resume(order(''))).toEqual({ kind: 'running' });
    await starter.close();
    expect(JSON.parse(readFileSync(join(spool, RUN, 'end'), 'utf8'))).toMatchObject({
      signal: 'SIGTERM',
      killedBy: null,
    });
  });

  it('takes over none that an earlier life of the agent has left, and says whether it was started', async () => {
    expect(await starter.resume(order(''))).toEqual({ kind: 'gone', started: false, isOfThisBoot: true });
    writeFileSync(join(spool, RUN, 'pid'), '{}');
    expect(await starter.resume(order(''))).toEqual({ kind: 'gone', started: true, isOfThisBoot: true });
  });
});
