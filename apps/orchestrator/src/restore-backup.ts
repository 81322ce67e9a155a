import { NestFactory } from '@nestjs/core';
import type { OrchestratorSettings } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { beginReplacement } from '@scriptmesh/database';
import { NestLogAdapter } from '@scriptmesh/logging';
import { AppModule } from './app.module.js';
import { RestoredRuns, type MarkedRuns } from './features/restore/index.js';
import type { Surroundings } from './surroundings.module.js';

export interface RestoreOrder {
  /** The SQLite file in use. */
  readonly file: string;
  readonly backup: string;
  readonly settings: OrchestratorSettings;
  /** Opens a database file with all that stands on it, hands it over, and closes it again. */
  readonly open: <T>(file: string, work: (surroundings: Surroundings) => Promise<T>) => Promise<T>;
  readonly nowMs: number;
}

/**
 * Puts a backup in the place of the database and says what was done. The copy is marked before it takes the place, so
 * that no start ever finds it unmarked.
 * @throws MeshError store/locked, store/bad-backup, store/newer-schema, crypto/wrong-fernet-key; nothing was touched then
 */
export async function restoreBackup({ file, backup, settings, open, nowMs }: RestoreOrder): Promise<void> {
  if (settings.databaseUrl !== null) {
    throw new MeshError('store/bad-backup', 'DATABASE_URL names PostgreSQL, which no file can be restored into', {
      hint: 'Restore it with its own tools while no orchestrator runs, then: "scriptmesh orchestrator restore" without a file.',
    });
  }
  const replacement = await beginReplacement(file, backup);
  try {
    const marked = await open(replacement.workFile, (around) => markRestoredRuns(around, replacement.replacedSeq));
    const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
    const kept = replacement.putInPlace(stamp);
    process.stdout.write(
      [
        `restored  ${file}`,
        `from      ${backup}`,
        ...(kept === undefined ? [] : [`kept      ${kept}: the database that was in use`]),
        ...describeMarked(marked),
      ].join('\n') + '\n',
    );
  } finally {
    replacement.end();
  }
}

/** For PostgreSQL, restored by its own tools. @throws MeshError store/bad-backup for a file, which is restored from a file */
export async function markInPlace(surroundings: Surroundings): Promise<void> {
  if (surroundings.db.engine === 'sqlite') {
    throw new MeshError('store/bad-backup', 'no backup was named', {
      hint: 'Name the file: "scriptmesh orchestrator restore BACKUP". Without one only PostgreSQL is marked, after its own tools.',
    });
  }
  const marked = await markRestoredRuns(surroundings, surroundings.db.storeSeq);
  process.stdout.write(`${describeMarked(marked).join('\n')}\n`);
}

async function markRestoredRuns(surroundings: Surroundings, toldSeq: number): Promise<MarkedRuns> {
  // Created and not initialised: nothing is swept or sent.
  const app = await NestFactory.create(AppModule.with(surroundings), {
    abortOnError: false,
    logger: new NestLogAdapter(surroundings.log),
  });
  try {
    return await app.get(RestoredRuns).mark(toldSeq);
  } finally {
    await app.close();
  }
}

const describeMarked = ({ marked, fromQueue }: MarkedRuns): readonly string[] => [
  `marked    ${marked} live runs as restored, ${fromQueue} of them from the queue`,
  'Their agents are asked about them after the next start; none of them is offered again.',
];
