import type {
  AgentResource,
  CatalogueScriptResource,
  ExplanationResource,
  FileResource,
  LogResource,
  Page,
  RunEventResource,
  RunResource,
  ScriptResource,
} from '@scriptmesh/contracts';
import type { Stream } from '@scriptmesh/contracts';
import type { Clock } from '@scriptmesh/runtime';
import { followOutput } from './follow/follow-output.js';
import { followLog } from './follow/follow-log.js';
import type { LogEvent } from './follow/log-event.js';
import type { OutputEvent } from './follow/output-event.js';
import { toUnreadableFault } from './answer-fault.js';
import { isApiPath } from './api-path.js';
import { HttpExchange, type RawAnswer } from './http-exchange.js';
import { type AskedBytes, readFile } from './read-file.js';
import { readOutput, type StoredOutput } from './read-output.js';
import { readNamed, readObject, readPage, readRun } from './read-answer.js';
import type { CancelRequest, ListRunsQuery, LogQuery, MeshStatus, RawRequest, RunRequest } from './requests.js';

interface ApiClientOptions {
  /** Without a trailing slash. */
  readonly url: string;
  readonly apiKey: string;
  readonly clock: Clock;
}

interface FollowOptions {
  readonly signal?: AbortSignal;
  /** How long a broken connection is tried again before it is an error; 5 minutes. */
  readonly giveUpAfterMs?: number;
}

interface RunPost {
  readonly body?: object;
  readonly idempotencyKey?: string;
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal;
}

const API = '/api/v1';
const GIVE_UP_AFTER_MS = 5 * 60_000;
/** Long enough for `Prefer: wait`. */
const RAW_WITHIN_MS = 15 * 60_000;
const ANSWER_MARGIN_MS = 30_000;
/** A page more than anyone has; only a server that never ends its list comes here. */
const MAX_PAGES = 1000;
/** Each page of files costs the orchestrator a walk through the whole folder. */
const FILES_ON_A_PAGE = 500;

/** The orchestrator's API, one method per route. All methods throw MeshError, and the signal's reason when aborted. */
export class ApiClient {
  readonly #exchange: HttpExchange;
  readonly #clock: Clock;
  readonly #url: string;

  constructor({ url, apiKey, clock }: ApiClientOptions) {
    this.#url = url;
    this.#clock = clock;
    this.#exchange = new HttpExchange(url, apiKey, clock);
  }

  /** Asks for a run. With `waitSeconds` the answer comes when the run has ended, or after that time. Never repeats itself. */
  async createRun(
    request: RunRequest,
    options: { idempotencyKey?: string; waitSeconds?: number; signal?: AbortSignal } = {},
  ): Promise<RunResource> {
    return this.#postRun('/runs', { ...options, body: request });
  }

  /** Answers at once with the run as it is; with `waitSeconds` when it has ended, or after that time. */
  async cancelRun(id: string, { why, waitSeconds }: CancelRequest = {}): Promise<RunResource> {
    const wait = waitSeconds === undefined ? {} : { waitSeconds };
    return this.#postRun(`${runPath(id)}/cancel`, { body: why === undefined ? {} : { why }, ...wait });
  }

  /** Asks for the same again; the new run. Never repeats itself. */
  async retryRun(id: string, options: { idempotencyKey?: string } = {}): Promise<RunResource> {
    return this.#postRun(`${runPath(id)}/retry`, options);
  }

  async getRun(id: string, signal?: AbortSignal): Promise<RunResource> {
    return readRun(await this.#get(runPath(id), {}, signal), this.#url);
  }

  /** What happened to a run, oldest first. */
  async runEvents(id: string): Promise<readonly RunEventResource[]> {
    return this.#all(`/runs/${encodeURIComponent(id)}/events`);
  }

  async explainRun(id: string): Promise<ExplanationResource> {
    const told = readObject(await this.#get(`/runs/${encodeURIComponent(id)}/explain`), this.#url);
    if (typeof told['summary'] !== 'string') throw toUnreadableFault(this.#url, 'JSON');
    return told as unknown as ExplanationResource;
  }

  async listRuns(query: ListRunsQuery = {}, signal?: AbortSignal): Promise<Page<RunResource>> {
    return readPage(await this.#get('/runs', { ...query }, signal), this.#url);
  }

  /** What is stored of one stream from `offset` on, as it comes; memory stays flat. */
  runOutput(id: string, { stream, offset }: { stream: Stream; offset?: number }): AsyncGenerator<StoredOutput> {
    return readOutput({ exchange: this.#exchange, path: outputPath(id) }, stream, offset);
  }

  /** Live output until the run has ended, across broken connections, without a byte lost or repeated. */
  followOutput(id: string, options: FollowOptions = {}): AsyncGenerator<OutputEvent> {
    return followOutput(
      { exchange: this.#exchange, clock: this.#clock, path: outputPath(id), url: this.#url },
      { signal: options.signal, giveUpAfterMs: options.giveUpAfterMs ?? GIVE_UP_AFTER_MS },
    );
  }

  /** All of them, or with `atMost` no more than so many (500 at most), in one request. */
  async listAgents(options: { atMost?: number } = {}): Promise<readonly AgentResource[]> {
    return options.atMost === undefined ? this.#all('/agents') : this.#first('/agents', options.atMost);
  }

  async getAgent(nameOrId: string): Promise<AgentResource> {
    return readNamed(await this.#get(agentPath(nameOrId)), this.#url);
  }

  async removeAgent(nameOrId: string): Promise<void> {
    await this.#exchange.json({ method: 'DELETE', path: API + agentPath(nameOrId) });
  }

  /** null takes a label away. */
  async labelAgent(nameOrId: string, labels: Readonly<Record<string, string | null>>): Promise<AgentResource> {
    const path = API + agentPath(nameOrId);
    return readNamed(await this.#exchange.json({ method: 'PATCH', path, body: { labels } }), this.#url);
  }

  async agentScripts(nameOrId: string): Promise<readonly ScriptResource[]> {
    return this.#all(`${agentPath(nameOrId)}/scripts`);
  }

  async agentLogs(nameOrId: string): Promise<readonly LogResource[]> {
    return this.#all(`${agentPath(nameOrId)}/logs`);
  }

  /** The text of a log as it comes. */
  agentLog(nameOrId: string, log: string, query: LogQuery = {}): AsyncGenerator<Buffer> {
    return this.#bytes(logPath(nameOrId, log), { ...query }, 'text/plain');
  }

  /** A log as it grows, across broken connections, until the signal fires. */
  followAgentLog(
    nameOrId: string,
    log: string,
    options: FollowOptions & { query?: LogQuery } = {},
  ): AsyncGenerator<LogEvent> {
    const path = logPath(nameOrId, log);
    return followLog(
      { exchange: this.#exchange, clock: this.#clock, path, url: this.#url, query: { ...options.query } },
      { signal: options.signal, giveUpAfterMs: options.giveUpAfterMs ?? GIVE_UP_AFTER_MS },
    );
  }

  /** All of them, or with `atMost` no more than so many (500 at most), in one request. */
  async listScripts(options: { atMost?: number } = {}): Promise<readonly CatalogueScriptResource[]> {
    return options.atMost === undefined ? this.#all('/scripts') : this.#first('/scripts', options.atMost);
  }

  /** One folder of the data folder; '' = the data folder itself. */
  async listFiles(path: string): Promise<readonly FileResource[]> {
    return this.#all('/files', { path, limit: FILES_ON_A_PAGE });
  }

  /** The bytes of a file as they come; memory stays flat. Throws when the file changes in the middle. */
  readFile(path: string, asked: AskedBytes = { from: 0 }): AsyncGenerator<Buffer> {
    return readFile({ exchange: this.#exchange, url: this.#url, route: `${API}/files/content` }, path, asked);
  }

  async status(): Promise<MeshStatus> {
    return readObject(await this.#get('/status'), this.#url) as unknown as MeshStatus;
  }

  /**
   * Any call, with the key; nothing is made of the answer.
   * @param request.path as `isApiPath` allows it: another one could lead to another host
   */
  async raw(request: RawRequest): Promise<RawAnswer> {
    if (!isApiPath(request.path)) throw new RangeError('not a path below the address of the orchestrator');
    return this.#exchange.raw({ ...request, timeoutMs: RAW_WITHIN_MS });
  }

  async #postRun(path: string, { body, ...options }: RunPost): Promise<RunResource> {
    const { idempotencyKey, waitSeconds, signal } = options;
    const headers = {
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
    };
    const timeoutMs = (waitSeconds ?? 0) * 1000 + ANSWER_MARGIN_MS;
    const ask = { method: 'POST', path: API + path, body, headers, timeoutMs, signal } as const;
    return readRun(await this.#exchange.json(ask), this.#url);
  }

  async *#bytes(
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    accept: string,
  ): AsyncGenerator<Buffer> {
    const { body } = await this.#exchange.stream({ method: 'GET', path, query }, accept);
    try {
      for await (const part of body as AsyncIterable<Buffer>) yield part;
    } catch (error) {
      throw this.#exchange.explain(error);
    } finally {
      body.destroy();
    }
  }

  #get(
    path: string,
    query: Readonly<Record<string, string | number | undefined>> = {},
    signal?: AbortSignal,
  ): Promise<unknown> {
    return this.#exchange.json({ method: 'GET', path: API + path, query, signal });
  }

  async #first<T>(path: string, limit: number): Promise<readonly T[]> {
    const page: Page<T> = readPage(await this.#get(path, { limit }), this.#url);
    return page.items.slice(0, limit);
  }

  async #all<T>(path: string, query: Readonly<Record<string, string | number>> = {}): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page: Page<T> = readPage(await this.#get(path, { ...query, cursor }), this.#url);
      items.push(...page.items);
      if (page.next === null) break;
      cursor = page.next;
    }
    return items;
  }
}

const agentPath = (nameOrId: string): string => `/agents/${encodeURIComponent(nameOrId)}`;
const logPath = (nameOrId: string, log: string): string =>
  `${API}${agentPath(nameOrId)}/logs/${encodeURIComponent(log)}`;
const runPath = (id: string): string => `/runs/${encodeURIComponent(id)}`;
const outputPath = (id: string): string => `${API}${runPath(id)}/output`;
