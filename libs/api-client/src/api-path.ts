/**
 * A path that stays on the orchestrator's host wherever it is put behind its address: `//host`, `/\host` and `http:` would
 * lead elsewhere, and the key with them. Visible ASCII only; the rest has to be encoded.
 */
export const isApiPath = (path: string): boolean => /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !/[\\#]/.test(path);
