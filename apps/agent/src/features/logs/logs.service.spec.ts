import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogReport, Of, ToAgentHeader } from '@scriptmesh/contracts';
import { LogFiles } from '@scriptmesh/log-files';
import { MemoryLogger, MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrchestratorMail, Outgoing } from '../link/index.js';
import { LogManifestFile } from './adapters/log-manifest-file.js';
import { LogsService } from './logs.service.js';

const ID = 'a'.repeat(32);
type Handler = (header: unknown) => Promise<readonly Outgoing[]>;

describe("the agent's answers about logs", () => {
  let home: string;
  let clock: MovedClock;
  let handlers: Map<string, Handler>;
  let manifest: LogManifestFile;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'scriptmesh-agent-logs-'));
    mkdirSync(join(home, 'logs'));
    manifest = new LogManifestFile(home, new MemoryLogger());
    await manifest.onModuleInit();
    start(new LogFiles(() => manifest.sources(), [join(home, 'cfg')]));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function start(files: LogFiles): void {
    clock = new MovedClock();
    handlers = new Map();
    const mail = { handle: (kind: string, handler: Handler) => handlers.set(kind, handler) };
    new LogsService(files, mail as unknown as OrchestratorMail, clock, new MemoryLogger()).onModuleInit();
  }
  const say = async (kind: 'listLogs' | 'readLog', fields: Partial<Of<ToAgentHeader, 'readLog'>> = {}) =>
    (
      await (handlers.get(kind) as Handler)({
        kind,
        requestId: ID,
        log: 'app',
        file: null,
        fileId: null,
        tailLines: null,
        fromOffset: null,
        sinceMs: null,
        untilMs: null,
        keeping: null,
        ...fields,
      })
    )[0] as Outgoing;
  const list = async (): Promise<LogReport> =>
    JSON.parse(Buffer.from((await say('listLogs')).bytes ?? []).toString()) as LogReport;
  const write = (text: string) => writeFileSync(join(home, 'cfg/log_manifest.json'), text);

  it('begin with an empty manifest that is made once, and the own log', async () => {
    expect(JSON.parse(readFileSync(join(home, 'cfg/log_manifest.json'), 'utf8'))).toEqual({ logs: [] });
    writeFileSync(join(home, 'logs/ScriptMesh-agent.log'), 'started\n');
    write('{"logs": [{"name": "app", "path": "logs/app.log"}]}');
    await manifest.onModuleInit();
    const { logs, faults } = await list();
    expect([logs.map(({ name }) => name), faults]).toEqual([['scriptmesh-agent', 'app'], []]);
    expect(logs[0]?.files).toMatchObject([{ name: 'ScriptMesh-agent.log', bytes: 8 }]);
    expect(Buffer.from((await say('readLog', { log: 'scriptmesh-agent' })).bytes ?? []).toString()).toBe('started\n');
  });

  it('put an edit in force at once, keep the last good manifest while it is broken, and permit nothing without one', async () => {
    write('{"logs": [{"name": "app", "path": "logs/app.log"}]}');
    writeFileSync(join(home, 'logs/app.log'), 'x');
    await list();
    write('{"logs": [');
    expect(await list()).toMatchObject({ faults: [expect.stringContaining('1:11')] });
    expect((await say('readLog')).message).toMatchObject({ kind: 'logPart', size: 1 });
    rmSync(join(home, 'cfg/log_manifest.json'));
    expect((await say('readLog')).message).toMatchObject({ kind: 'logFault', code: 'log/not-found', requestId: ID });
    expect(existsSync(join(home, 'cfg/log_manifest.json'))).toBe(false);
  });

  it('come in time though the disk hangs, and no more than four wait for it', async () => {
    start({ read: () => new Promise(() => {}) } as unknown as LogFiles);
    const hanging = [1, 2, 3, 4].map(() => say('readLog'));
    expect((await say('readLog')).message).toMatchObject({ kind: 'logFault', code: 'agent/busy' });
    await clock.advance(2_000);
    for (const answer of await Promise.all(hanging)) expect(answer.message).toMatchObject({ code: 'log/unreadable' });
    expect((await say('readLog')).message).toMatchObject({ code: 'agent/busy' });
  });

  it('keep to the last good manifest while others can write the file or its folder', async () => {
    writeFileSync(join(home, 'logs/app.log'), 'one\n');
    const names = async () => (await list()).logs.map(({ name }) => name);
    write('{"logs": [{"name": "app", "path": "logs/app.log"}]}');
    expect(await names()).toContain('app');
    for (const [place, mode, safe] of [
      ['cfg/log_manifest.json', 0o664, 0o644],
      ['cfg/log_manifest.json', 0o666, 0o644],
      ['cfg', 0o777, 0o700],
    ] as const) {
      chmodSync(join(home, place), mode);
      write('{"logs": []}');
      expect(await names()).toContain('app');
      expect((await list()).faults).toEqual([
        expect.stringMatching(/is not safe: .* can be written by .*chmod go-w cfg/),
      ]);
      write('{"logs": [{"name": "app", "path": "logs/app.log"}]}');
      chmodSync(join(home, place), safe);
      expect((await list()).faults).toEqual([]);
    }
    chmodSync(join(home, 'cfg'), 0o777);
    manifest = new LogManifestFile(home, new MemoryLogger());
    expect(await names()).not.toContain('app');
  });
});
