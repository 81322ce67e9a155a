import { execFile } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { MeshError } from '@scriptmesh/contracts';

const run = promisify(execFile);
/** Of what the tools say. */
const MOST_BYTES = 64 * 1024 * 1024;
const LAST_WORDS = 500;

/**
 * Dumps the database by pg_dump, in its custom form, and reads the dump's list once to see that it is whole.
 * @throws MeshError store/bad-backup, store/unavailable; nothing stands at `target` then
 */
export async function dumpPostgres(url: string, target: string): Promise<void> {
  if (existsSync(target)) {
    throw new MeshError('store/bad-backup', `there is a file ${target} already, and a backup replaces none`, {
      hint: 'Name a file that is not there yet, as with the date in its name.',
    });
  }
  const partial = `${target}.partial`;
  const { address, env } = splitPassword(url);
  try {
    await tool('pg_dump', ['--format=custom', '--no-owner', '--no-acl', '--file', partial, '--dbname', address], env);
    chmodSync(partial, 0o600);
    const { stdout } = await tool('pg_restore', ['--list', partial], env);
    if (!/ TABLE DATA \S+ runs /.test(stdout)) {
      throw new MeshError('store/bad-backup', 'the dump holds no runs: it is not a database of ScriptMesh');
    }
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Whoever lists processes sees their arguments, so the password goes by the environment. */
function splitPassword(url: string): { readonly address: string; readonly env: NodeJS.ProcessEnv } {
  const address = new URL(url);
  const password = decodeURIComponent(address.password);
  address.password = '';
  const { PATH, LANG, HOME } = process.env;
  const words = Object.entries({ PATH, LANG, HOME, PGPASSWORD: password || undefined });
  return { address: address.href, env: Object.fromEntries(words.filter(([, value]) => value !== undefined)) };
}

async function tool(name: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<{ stdout: string }> {
  const umask = process.umask(0o077);
  try {
    return await run(name, words, { env, maxBuffer: MOST_BYTES });
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') {
      throw new MeshError('store/unavailable', `${name} is not installed here`, {
        hint: 'Install the client tools of PostgreSQL (Debian: postgresql-client), as new as the server at least; or run pg_dump where they are.',
      });
    }
    throw new MeshError('store/unavailable', `${name} failed: ${stderr.trim().slice(-LAST_WORDS)}`, {
      hint: 'Check DATABASE_URL, and that the client tools are as new as the server.',
    });
  } finally {
    process.umask(umask);
  }
}
