import { fernetKeyFile, writeKeyFile, type OrchestratorSettings, type SettingFault } from '@scriptmesh/config';
import { MeshError, SYSTEM_PRINCIPAL } from '@scriptmesh/contracts';
import { fernetFingerprint, makeFernetKey } from '@scriptmesh/crypto';
import type { Database } from '@scriptmesh/database';
import type { Clock } from '@scriptmesh/runtime';

/** The row of `meta` that holds the fingerprint of the oldest Fernet key. */
export const FERNET_FINGERPRINT = 'fernet_fingerprint';
const WAY_BACK = 'docs/fernet-key.md shows the way back.';

/**
 * Makes sure that the Fernet keys are those of this database, and makes the first one for a new database.
 * The fingerprint on record is that of the oldest key, so that rotation does not change it.
 * @returns the keys to use
 * @throws MeshError crypto/wrong-fernet-key; nothing was touched then
 */
export async function checkFernetKeys(
  settings: OrchestratorSettings,
  db: Database,
  clock: Clock,
): Promise<readonly string[]> {
  const row = await db.read.selectFrom('meta').select('value').where('key', '=', FERNET_FINGERPRINT).executeTakeFirst();
  const expected = row?.value;
  const given = settings.fernetKeys.at(-1);
  if (expected === undefined) return takeFirstKeys(settings, db);
  if (given !== undefined && fernetFingerprint(given) === expected) return settings.fernetKeys;
  if (settings.acceptNewFernetKey) return giveUpOldKey(settings, db, clock);
  if (given === undefined) {
    throw new MeshError(
      'crypto/wrong-fernet-key',
      `the Fernet key of this database (fingerprint ${expected}) is missing: there is no ${fernetKeyFile(settings.home)}`,
      {
        hint: `Put the key back from your backup. ${WAY_BACK}`,
      },
    );
  }
  throw new MeshError(
    'crypto/wrong-fernet-key',
    `the Fernet key has the fingerprint ${fernetFingerprint(given)}, but this database was written with ${expected}; nothing was touched`,
    { hint: `Put the right key back into ${fernetKeyFile(settings.home)} or SCRIPT_MESH_FERNET_KEY. ${WAY_BACK}` },
  );
}

async function takeFirstKeys(settings: OrchestratorSettings, db: Database): Promise<readonly string[]> {
  const keys = settings.fernetKeys.length > 0 ? settings.fernetKeys : makeKeyFile(settings);
  const value = fernetFingerprint(keys.at(-1) as string);
  await db.write((trx) => trx.insertInto('meta').values({ key: FERNET_FINGERPRINT, value }).execute());
  return keys;
}

/** The old key is lost: agents' stored keys cannot be read any more. Each agent is taken in again with its own key under the main key. */
async function giveUpOldKey(settings: OrchestratorSettings, db: Database, clock: Clock): Promise<readonly string[]> {
  const keys = settings.fernetKeys.length > 0 ? settings.fernetKeys : makeKeyFile(settings);
  const value = fernetFingerprint(keys.at(-1) as string);
  await db.write(async (trx) => {
    await trx.updateTable('meta').set({ value }).where('key', '=', FERNET_FINGERPRINT).execute();
    await trx.updateTable('agents').set({ key_token: '', key_digest: '' }).execute();
    await trx
      .insertInto('audit')
      .values({
        at: clock.nowMs(),
        principal: SYSTEM_PRINCIPAL,
        action: 'crypto.new-fernet-key',
        subject_kind: 'access',
        subject: value,
        detail: '{}',
        request_id: null,
      })
      .execute();
  });
  return keys;
}

function makeKeyFile(settings: OrchestratorSettings): readonly string[] {
  const faults: SettingFault[] = [];
  const keys = writeKeyFile('SCRIPT_MESH_FERNET_KEY', fernetKeyFile(settings.home), makeFernetKey(), faults);
  const [fault] = faults;
  if (fault) throw new MeshError('settings/invalid', `${fault.name}: ${fault.problem}`, { hint: fault.remedy });
  return keys;
}
