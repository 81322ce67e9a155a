import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessClock } from './clock.js';
import { StderrLog } from './event-log.js';
import { armFailpoints, failpoint } from './failpoint.js';
import { FifoPipes } from './fifo-pipes.js';
import { FifoPool } from './fifo-pool.js';
import { closeInheritedDescriptors } from './inherited-descriptors.js';
import { identifyProcess } from './process-identity.js';
import { EXIT_TAKEN, PROTOCOL, READY, SOCKET_NAME, type SupervisorRecord } from './protocol.js';
import { RunHost } from './run-host.js';
import { SoleSupervisor } from './sole-supervisor.js';
import { SupervisorServer } from './supervisor-server.js';

const WRITE_AGAIN_MS = 1_000;

/**
 * The supervisor's program: `main.js <spool> <version>`. Started by the agent, detached; it is the parent of the
 * scripts and goes on without the agent. It imports nothing but Node, so that little can go wrong in it.
 */
async function main([spool, version]: readonly string[]): Promise<void> {
  if (spool === undefined || version === undefined) throw new Error('usage: main.js <spool> <version>');
  closeInheritedDescriptors();
  armFailpoints(process.env['SCRIPT_MESH_FAILPOINT'], process.env['SCRIPT_MESH_FAILPOINT_LOG']);
  const log = new StderrLog();
  const folder = join(spool, 'supervisor');
  const sole = SoleSupervisor.claim(join(folder, 'claims'));
  if (!sole) process.exit(EXIT_TAKEN);
  failpoint('supervisor.claimed');

  const clock = new ProcessClock();
  const pool = new FifoPool(join(folder, 'pipes'), log);
  const host = new RunHost(clock, new FifoPipes(pool), log);
  const record = join(spool, 'supervisor.json');
  const socket = join(folder, SOCKET_NAME);
  const server = new SupervisorServer(host, clock, version, log, () => {
    rmSync(record, { force: true });
    void pool.settle().then(() => {
      sole.release();
      log.info('supervisor.ended');
      process.exit(0);
    });
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info('supervisor.stopping', { signal });
      void server.stop();
    });
  }
  process.on('SIGHUP', () => undefined);
  // Its scripts would lose their true ends with it: whatever went wrong, it goes on looking after the others.
  process.on('uncaughtException', (error) => log.error('supervisor.fault', { error }));

  // What a dead supervisor has left. Nobody else can be listening there: the claim is ours.
  rmSync(socket, { force: true });
  // The path may be longer than the 107 bytes that a socket's may have, so it is spoken of by its open folder.
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  await server.listen(`/proc/self/fd/${opened}/${SOCKET_NAME}`);
  process.once('exit', () => closeSync(opened));
  writeRecord(record, clock, { ...identifyProcess(process.pid), socket, version, protocol: PROTOCOL });
  log.info('supervisor.ready', { pid: process.pid, version });
  process.stdout.on('error', () => undefined);
  process.stdout.write(READY);
}

/** For whoever looks for us. A disk that is full of output must not keep us from looking after those who write it: then later. */
function writeRecord(path: string, clock: ProcessClock, record: SupervisorRecord): void {
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch {
    clock.after(WRITE_AGAIN_MS, () => writeRecord(path, clock, record));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
