/** Puts the scripts and their manifest into an agent's home. */
export function writeScripts(home: string, ledger: string): void;
