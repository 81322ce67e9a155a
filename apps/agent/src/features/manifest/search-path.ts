import { delimiter, dirname } from 'node:path';

const FOLDERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['/opt/homebrew/bin', '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  win32: ['C:\\Windows\\System32', 'C:\\Windows', 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0'],
};
const POSIX_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The PATH on which interpreters are looked for and which scripts get. Fixed, so that what runs does not depend on
 * the shell that happened to start the agent; Node's own folder comes last.
 */
export const SCRIPT_SEARCH_PATH: string = [
  ...new Set([...(FOLDERS[process.platform] ?? POSIX_FOLDERS), dirname(process.execPath)]),
].join(delimiter);
