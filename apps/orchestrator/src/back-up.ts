import { existsSync, statSync, writeFileSync } from 'node:fs';
import { fernetKeyFile, type OrchestratorSettings } from '@scriptmesh/config';
import { MeshError } from '@scriptmesh/contracts';
import { backUpDatabase } from '@scriptmesh/database';

interface BackupOrder {
  readonly settings: OrchestratorSettings;
  /** The SQLite file; not used with PostgreSQL. */
  readonly file: string;
  /** A file that is not there yet. */
  readonly target: string;
  /** Whoever has both database and key can speak as the orchestrator to every agent. */
  readonly withFernetKey: boolean;
}

/**
 * Copies the database while the orchestrator may be running, and says what was done.
 * @throws MeshError store/bad-backup, store/full, store/unavailable, crypto/wrong-fernet-key; nothing stands at `target` then
 */
export async function backUp({ settings, file, target, withFernetKey }: BackupOrder): Promise<void> {
  if (target === '')
    throw new MeshError('store/bad-backup', 'no file was named', { hint: 'Name the file to be written.' });
  const { fernetKeys, home, databaseUrl } = settings;
  if (withFernetKey && fernetKeys.length === 0) {
    throw new MeshError('crypto/wrong-fernet-key', `there is no Fernet key: ${fernetKeyFile(home)} is missing`);
  }
  const keyFile = `${target}.fernet.key`;
  if (withFernetKey && existsSync(keyFile)) {
    throw new MeshError('store/bad-backup', `there is a file ${keyFile} already, and a backup replaces none`);
  }
  await backUpDatabase({ url: databaseUrl, file }, target);
  if (withFernetKey) writeFileSync(keyFile, `${fernetKeys.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
  process.stdout.write(
    [
      `backed up  ${databaseUrl === null ? file : 'the PostgreSQL database'}`,
      `to         ${target} (${statSync(target).size} bytes, checked)`,
      withFernetKey
        ? `key        ${keyFile}: keep it apart from the backup`
        : `key        not in it: keep ${fernetKeyFile(home)} apart, without it the backup is of no use`,
    ].join('\n') + '\n',
  );
}
