/** A small process that does nothing but start programs: what a start costs without ScriptMesh. */
import { spawn } from 'node:child_process';
import { inTurns } from './in-turns.mjs';

/** As the agent gives it to scripts, so that both find the same interpreter. */
const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/', LANG: 'C.UTF-8' };

function startOne(argv) {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0], argv.slice(1), { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.once('error', reject);
    child.once('close', () => (said === 'hello\n' ? resolve() : reject(new Error(`it said ${said}`))));
  });
}

process.on('message', async (/** @type {any} */ { argv, count, atOnce }) => {
  process.send?.({ kind: 'done', ...(await inTurns(count, atOnce, () => startOne(argv))) });
});
process.once('disconnect', () => process.exit());
