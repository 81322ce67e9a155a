import { BASH_SCRIPT } from './bash-script.js';
import { FISH_SCRIPT } from './fish-script.js';
import { ZSH_SCRIPT } from './zsh-script.js';

/** What each shell loads; all of them ask `scriptmesh __complete` what comes next. */
export const COMPLETION_SCRIPTS = { bash: BASH_SCRIPT, zsh: ZSH_SCRIPT, fish: FISH_SCRIPT } as const;

export type Shell = keyof typeof COMPLETION_SCRIPTS;

export const SHELLS = Object.keys(COMPLETION_SCRIPTS) as Shell[];
