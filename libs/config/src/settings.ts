/** The settings that each program gets: read once at start, checked whole, frozen. */
import type { ClientCertificate } from './client-certificate.js';

export type Mode = 'production' | 'development';
type LogLevel = 'error' | 'warn' | 'info' | 'debug';
type TransportName = 'http' | 'websocket';

interface CommonSettings {
  /** Absolute path of the home folder; holds cfg/ data/ logs/ scripts/ spool/ and the SQLite file. */
  readonly home: string;
  readonly mode: Mode;
  readonly logLevel: LogLevel;
  /** Dated files of the program's log. */
  readonly logMaxFiles: number;
  /** Of all its log files together. */
  readonly logMaxMegabytes: number;
}

/** A class, so that Nest can use it as the token under which the settings are injected. */
export abstract class OrchestratorSettings implements CommonSettings {
  abstract readonly home: string;
  abstract readonly mode: Mode;
  abstract readonly logLevel: LogLevel;
  abstract readonly logMaxFiles: number;
  abstract readonly logMaxMegabytes: number;
  abstract readonly host: string;
  /** 0 = any free port. */
  abstract readonly port: number;
  abstract readonly mainKey: string;
  /** Newest first; the first encrypts, all decrypt. 44 url-safe base64 characters each; empty at a first start. */
  abstract readonly fernetKeys: readonly string[];
  /** Go on with a new Fernet key after the old one was lost; stored agent keys are given up. */
  abstract readonly acceptNewFernetKey: boolean;
  /** `postgres://...`; null = SQLite in the home folder. */
  abstract readonly databaseUrl: string | null;
  /** Absolute path of the folder with files for download. */
  abstract readonly dataDir: string;
  abstract readonly transports: readonly TransportName[];
  /** How often every agent is polled. */
  abstract readonly heartbeatIntervalSeconds: number;
  /** How long one agent may take to answer the sweep. */
  abstract readonly heartbeatTimeoutSeconds: number;
  /** Agents polled at the same time. */
  abstract readonly sweepConcurrency: number;
  /** Silence after which a running run's fate is called lost, beyond its timeout. */
  abstract readonly lostAfterSeconds: number;
  /** How long a run waits for its agent when the request does not say. */
  abstract readonly deliverWithinSeconds: number;
  /** Stored output of one stream of one run. */
  abstract readonly outputMaxBytes: number;
  /** A live stream that has nothing to tell says so this often, so that no proxy closes it. */
  abstract readonly streamKeepAliveSeconds: number;
  /** Runs waiting over all agents; beyond it a request gets 503. */
  abstract readonly queueMaxRuns: number;
  /** Runs are kept so long after their end. */
  abstract readonly runRetentionDays: number;
  /** Ended runs that are kept. */
  abstract readonly runRetentionCount: number;
  /** Stored output of all runs. */
  abstract readonly runRetentionBytes: number;
  /** Bad keys from one address in a minute before it gets 429. */
  abstract readonly badKeysPerMinute: number;
  /** CIDR ranges that agent urls may point into; empty = any but metadata addresses. */
  abstract readonly agentAllowedRanges: readonly string[];
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed. */
  abstract readonly trustedProxies: readonly string[];
}

export abstract class AgentSettings implements CommonSettings {
  abstract readonly home: string;
  abstract readonly mode: Mode;
  abstract readonly logLevel: LogLevel;
  abstract readonly logMaxFiles: number;
  abstract readonly logMaxMegabytes: number;
  abstract readonly name: string;
  abstract readonly host: string;
  /** 0 = any free port. */
  abstract readonly port: number;
  /** The address told to the orchestrator; null = derived from host and port. */
  abstract readonly url: string | null;
  abstract readonly key: string;
  /** The main key, used only to register a name for the first time; null when this node does not hold it. */
  abstract readonly registrationKey: string | null;
  /** Without a trailing slash. */
  abstract readonly orchestratorUrl: string;
  /** Shown to a server that asks for one. */
  abstract readonly clientCertificate: ClientCertificate | null;
  abstract readonly transport: TransportName;
  abstract readonly labels: Readonly<Record<string, string>>;
  abstract readonly heartbeatIntervalSeconds: number;
  /** Scripts running at the same time. */
  abstract readonly maxConcurrentRuns: number;
  /** For scripts whose manifest entry names none. */
  abstract readonly defaultTimeoutSeconds: number;
  /** Between TERM and KILL. */
  abstract readonly killGraceSeconds: number;
  /** Kept output of one stream of one run. */
  abstract readonly outputMaxBytes: number;
  /** Free bytes on the spool's disk below which offers are answered with busy. */
  abstract readonly diskReserveBytes: number;
  /** Kept output of runs that are not shipped yet; beyond it offers are answered with busy. */
  abstract readonly spoolMaxBytes: number;
  /** Fences and done records kept in the journal. */
  abstract readonly keptRecords: number;
}

export interface ControllerSettings {
  readonly orchestratorUrl: string;
  /** null when none was found; only commands that call the API need it. */
  readonly apiKey: string | null;
}

/** What the command line's own log needs; nothing of it comes from keys. */
export interface ControllerLogSettings extends Pick<CommonSettings, 'home' | 'logMaxFiles' | 'logMaxMegabytes'> {
  /** Whether the home folder was named by a setting, rather than being wherever the command is given. */
  readonly isHomeGiven: boolean;
}
