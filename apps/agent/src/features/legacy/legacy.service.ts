import { constants, uptime } from 'node:os';
import {
  isLegacyReply,
  isMeshError,
  legacyDetail,
  legacyReply,
  readLegacyFields,
  toLegacyFailure,
  toLegacySuccess,
  toLegacyText,
  toReturnCode,
  toZonedTime,
  type LegacyReply,
} from '@scriptmesh/contracts';
import type { AgentSettings } from '@scriptmesh/config';
import type { Logger } from '@scriptmesh/logging';
import type { Clock } from '@scriptmesh/runtime';
import type { LocalEnd, LocalRuns } from '../execution/index.js';
import type { OutputReader } from '../reporting/index.js';
import { readLegacyManifest, type ManifestText } from './manifest-text.js';

/** Of each stream: what a script writes beyond it is not told over this wire. */
const SHOWN_BYTES = 16 * 1024 * 1024;
const INTERNAL_ERROR = legacyReply(500, { error: 'An internal error has occurred.' });

interface LegacyParts {
  readonly settings: AgentSettings;
  readonly manifest: ManifestText;
  readonly runs: LocalRuns;
  readonly output: OutputReader;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The three routes of an agent of ScriptMesh 0.2. */
export class LegacyService {
  constructor(private readonly parts: LegacyParts) {}

  heartbeat(): LegacyReply {
    const { clock, settings } = this.parts;
    const minutes = Math.floor(uptime() / 60);
    return legacyReply(200, {
      status: 'alive',
      timestamp: toZonedTime(clock.nowMs()),
      agent: settings.name,
      uptime: `${Math.floor(minutes / 60)}h ${minutes % 60}m`,
    });
  }

  async listScripts(): Promise<LegacyReply> {
    try {
      const text = await this.parts.manifest.read();
      if (text === undefined) return legacyReply(404, { error: 'Manifest file not found' });
      return legacyReply(200, readLegacyManifest(text));
    } catch (error) {
      this.parts.log.warn('legacy.manifest-unreadable', { error });
      return INTERNAL_ERROR;
    }
  }

  async run(body: unknown): Promise<LegacyReply> {
    const fields = readLegacyFields(body, { script: ['script_name'] });
    if (isLegacyReply(fields)) return fields;
    try {
      const ended = await this.parts.runs.run(fields.script);
      const answer = await this.#tell(fields.script, ended);
      await this.parts.runs.forget(ended.runId);
      return answer;
    } catch (error) {
      return this.#refusal(error);
    }
  }

  async #tell(script: string, { end, folder, runId }: LocalEnd): Promise<LegacyReply> {
    if (end.kind === 'spawnFailed') return legacyDetail(500, `the script was not started: ${end.why}`);
    if (end.kind === 'lost') return legacyDetail(500, `the outcome of run ${runId} is not known: ${end.why}`);
    const { output } = this.parts;
    const stderr = toLegacyText(await output.read(folder, 'stderr', 0, SHOWN_BYTES));
    const signalNumber = end.signal === null ? null : numberOf(end.signal);
    const returncode = toReturnCode({ exitCode: end.code, signalNumber, killedBy: end.killedBy });
    if (returncode !== 0) return legacyReply(500, toLegacyFailure(script, stderr, returncode));
    const stdout = toLegacyText(await output.read(folder, 'stdout', 0, SHOWN_BYTES));
    return legacyReply(200, toLegacySuccess(script, stdout, stderr));
  }

  #refusal(error: unknown): LegacyReply {
    if (!isMeshError(error)) throw error;
    if (error.code === 'script/not-found') return legacyDetail(404, 'Script not found in manifest');
    if (error.code === 'script/file-missing') return legacyDetail(404, 'Script file missing on disk');
    this.parts.log.warn('legacy.run-refused', { code: error.code, why: error.detail });
    return legacyDetail(error.status, `${error.code}: ${error.detail}`);
  }
}

const numberOf = (signal: string): number =>
  (constants.signals as Readonly<Record<string, number>>)[signal] ?? constants.signals.SIGKILL;
