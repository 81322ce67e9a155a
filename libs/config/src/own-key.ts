import { join } from 'node:path';
import { makeKey, readKeyFile, writeKeyFile } from './key-files.js';
import { checkKey, type KeySurroundings } from './key-rules.js';
import type { SettingReader } from './sources.js';

/** A program's own key: how its setting is called, and where in the home folder it is kept. */
interface OwnKey {
  readonly name: string;
  readonly file: 'cfg/main.key' | 'cfg/agent.key';
  /** What the setting says; null when it is not set. */
  readonly given: string | null;
}

/**
 * The given key, or the one of the file, which is made at the first start; wrong ones become faults.
 * Call it last: nothing is made when anything else is wrong, so that a start that fails leaves nothing behind.
 */
export function takeOwnKey({ name, file, given }: OwnKey, where: KeySurroundings, reader: SettingReader): string {
  const { faults } = reader;
  const before = faults.length;
  const path = join(reader.home, file);
  const lines = given === null ? readKeyFile(name, path, faults) : [given];
  if (lines === undefined && faults.length > 0) return '';
  const key = (lines ?? makeOwnKey(name, path, reader))[0] ?? '';
  if (faults.length === before) checkKey(name, key, where, faults);
  return key;
}

const makeOwnKey = (name: string, path: string, { faults, sources }: SettingReader): readonly string[] =>
  sources.leavesNoTraces ? [makeKey()] : writeKeyFile(name, path, makeKey(), faults);
