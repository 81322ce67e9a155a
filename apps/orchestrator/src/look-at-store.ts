import { existsSync } from 'node:fs';
import { databaseFile, fernetKeyFile, type OrchestratorSettings } from '@scriptmesh/config';
import { fernetFingerprint } from '@scriptmesh/crypto';
import { examineDatabase, OWN_SCHEMA } from '@scriptmesh/database';
import { ok, problem, skipped, type Finding } from '@scriptmesh/doctor';
import { FERNET_FINGERPRINT } from './fernet-check.js';

type Facts = Awaited<ReturnType<typeof examineDatabase>>;

/** What a start would find in the database, and whether the Fernet key fits it. Changes nothing; an orchestrator may be running. */
export async function lookAtStore(settings: OrchestratorSettings): Promise<readonly Finding[]> {
  const { databaseUrl: url } = settings;
  const file = databaseFile(settings.home);
  if (url === null && !existsSync(file)) {
    return [skipped('database', 'is made at the first start'), judgeFernetKey(settings, undefined)];
  }
  try {
    const facts = await examineDatabase({ url, file });
    return [judgeDatabase(facts, url === null ? file : 'PostgreSQL'), judgeFernetKey(settings, facts)];
  } catch (error) {
    const todo =
      url === null
        ? 'Look at the file and its folder: this user must be able to write both.'
        : 'Check DATABASE_URL, and that the server is running and can be reached.';
    return [
      problem('database', `${url === null ? `${file}: ` : ''}it cannot be read: ${(error as Error).message}`, todo),
    ];
  }
}

function judgeDatabase({ fault, schema }: Facts, place: string): Finding {
  if (fault !== undefined) {
    const todo = 'Restore a backup: "scriptmesh orchestrator restore BACKUP"; docs/backup.md.';
    return problem('database', `${place}: ${fault}`, todo);
  }
  if (schema > OWN_SCHEMA) {
    const says = `${place} was written by a newer program: its schema has number ${schema}, this program knows ${OWN_SCHEMA}`;
    return problem('database', says, 'Start the newer program, or restore a backup that was made before it.');
  }
  if (schema === OWN_SCHEMA) return ok('database', `${place} passed its check`);
  return ok('database', `${place} passed its check; its schema goes from ${schema} to ${OWN_SCHEMA} at the next start`);
}

/** @param facts of the database; undefined when there is none yet */
function judgeFernetKey(
  { fernetKeys, home, acceptNewFernetKey }: OrchestratorSettings,
  facts: Facts | undefined,
): Finding {
  const expected = facts?.meta[FERNET_FINGERPRINT];
  const oldest = fernetKeys.at(-1);
  const given = oldest === undefined ? undefined : fernetFingerprint(oldest);
  if (expected === undefined || acceptNewFernetKey) {
    if (given === undefined) return skipped('fernet key', 'is made at the next start');
    return ok('fernet key', `is there (fingerprint ${given}); keep a copy of it apart from the database`);
  }
  if (given === expected) {
    return ok('fernet key', `fits the database (fingerprint ${given}); keep a copy of it apart from the database`);
  }
  const todo = `Put the right key back into ${fernetKeyFile(home)} or SCRIPT_MESH_FERNET_KEY; docs/fernet-key.md shows the way.`;
  if (given === undefined) return problem('fernet key', `is missing; this database was written with ${expected}`, todo);
  return problem('fernet key', `has the fingerprint ${given}, but this database was written with ${expected}`, todo);
}
