import type { SettingFault } from './fault.js';
import type { Mode } from './settings.js';

const LEAST_CHARACTERS = 32;
const MOST_CHARACTERS = 1024;
/** The key of every 0.2 installation that nobody has changed. */
const DEFAULT_KEY = /change_?me/i;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/i;
const HOW_TO_MAKE_A_KEY = `Make a key: node -e 'console.log(require("crypto").randomBytes(32).toString("base64url"))'`;

/** Where a key will be used: short and default keys are let in only in development mode on loopback. */
export interface KeySurroundings {
  readonly mode: Mode | null;
  readonly host: string | null;
}

/** Refuses keys that are unusable, and, beyond a developer's own machine, those that are known or too short. */
export function checkKey(name: string, key: string, { mode, host }: KeySurroundings, faults: SettingFault[]): void {
  const isTrial = mode === 'development' && LOOPBACK.test(host ?? '');
  const problem = findUnusable(key) ?? (isTrial ? undefined : findWeakness(key));
  if (problem !== undefined) faults.push({ name, problem, remedy: HOW_TO_MAKE_A_KEY });
}

/** The key of every 0.2 installation that nobody has changed. */
export const isDefaultKey = (key: string): boolean => DEFAULT_KEY.test(key);

/** Refuses only keys that cannot be sent: whether a key is strong enough is for the one who is asked with it to say. */
export function checkForeignKey(name: string, key: string, faults: SettingFault[]): void {
  const problem = findUnusable(key);
  if (problem !== undefined) faults.push({ name, problem, remedy: 'Give the right key, or leave the setting out' });
}

/** An empty key would let everybody or nobody in; others do not survive a header. */
function findUnusable(key: string): string | undefined {
  if (key.trim() === '') return 'the key is empty';
  if (!/^[\x21-\x7e]+$/.test(key)) return 'the key holds blanks, control characters or letters beyond ASCII';
  if (key.length > MOST_CHARACTERS) return `the key has more than ${MOST_CHARACTERS} characters`;
  return undefined;
}

function findWeakness(key: string): string | undefined {
  if (DEFAULT_KEY.test(key)) return 'the key is the default one that everybody knows';
  if (key.length < LEAST_CHARACTERS) {
    return `the key has ${key.length} characters, and at least ${LEAST_CHARACTERS} are needed`;
  }
  return undefined;
}
