import { keyText, atLeastOne, databaseUrl, ipRange, listOf, oneOf, text, wholeNumber } from '../parse-values.js';
import { HOME, LOG_LEVEL, LOG_MAX_FILES, LOG_MAX_MEGABYTES, MAIN_KEY, MODE } from './common-settings.js';
import { setting } from './setting.js';

export const ORCHESTRATOR_SCHEMA = {
  home: HOME,
  mode: MODE,
  logLevel: LOG_LEVEL,
  logMaxFiles: LOG_MAX_FILES,
  logMaxMegabytes: LOG_MAX_MEGABYTES,
  host: setting({
    name: 'SCRIPT_MESH_HOST',
    meaning: 'the address the orchestrator listens on',
    value: text,
    default: '127.0.0.1',
  }),
  port: setting({
    name: 'SCRIPT_MESH_PORT',
    meaning: 'its port; 0 = any free port',
    value: wholeNumber(0, 65_535),
    default: '8000',
  }),
  mainKey: MAIN_KEY,
  fernetKeys: setting({
    name: 'SCRIPT_MESH_FERNET_KEY',
    meaning:
      'protects stored secrets: 44 url-safe base64 characters; several, newest first, separated by commas or lines',
    value: keyText,
    default: null,
    defaultShown: 'made at the first start in cfg/fernet.key',
    secret: true,
  }),
  databaseUrl: setting({
    name: 'DATABASE_URL',
    meaning: 'postgres://... for several orchestrators',
    value: databaseUrl,
    default: null,
    defaultShown: 'SQLite in the home folder',
    secret: true,
  }),
  dataDir: setting({
    name: 'SCRIPT_MESH_DATA_DIR',
    meaning: 'the folder whose files the API gives out, to operators; never one that holds `cfg`',
    value: text,
    default: null,
    defaultShown: '`data` in the home folder',
  }),
  transports: setting({
    name: 'SCRIPT_MESH_TRANSPORTS',
    meaning: 'the transports that agents may use',
    value: atLeastOne(listOf(oneOf('http', 'websocket'))),
    default: 'http,websocket',
  }),
  heartbeatIntervalSeconds: setting({
    name: 'SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS',
    meaning: 'how often every agent is polled',
    value: wholeNumber(1, 86_400),
    default: '60',
  }),
  heartbeatTimeoutSeconds: setting({
    name: 'SCRIPT_MESH_HEARTBEAT_TIMEOUT_SECONDS',
    meaning: 'how long one agent may take to answer the poll',
    value: wholeNumber(1, 60),
    default: '3',
  }),
  sweepConcurrency: setting({
    name: 'SCRIPT_MESH_SWEEP_CONCURRENCY',
    meaning: 'agents polled at the same time',
    value: wholeNumber(1, 4096),
    default: '1024',
  }),
  lostAfterSeconds: setting({
    name: 'SCRIPT_MESH_LOST_AFTER_SECONDS',
    meaning: 'silence beyond the timeout after which a started run is called lost',
    value: wholeNumber(1, 2_592_000),
    default: '3600',
  }),
  deliverWithinSeconds: setting({
    name: 'SCRIPT_MESH_DELIVER_WITHIN_SECONDS',
    meaning: 'how long a run waits for its agent when the request does not say',
    value: wholeNumber(1, 2_592_000),
    default: '600',
  }),
  outputMaxBytes: setting({
    name: 'SCRIPT_MESH_OUTPUT_MAX_BYTES',
    meaning: 'stored bytes of each output stream of a run',
    value: wholeNumber(1024, 1_099_511_627_776),
    default: '104857600',
  }),
  streamKeepAliveSeconds: setting({
    name: 'SCRIPT_MESH_STREAM_KEEP_ALIVE_SECONDS',
    meaning: 'silence of a live stream after which it says that it is alive; less than any proxy on the way waits',
    value: wholeNumber(1, 15),
    default: '5',
  }),
  queueMaxRuns: setting({
    name: 'SCRIPT_MESH_QUEUE_MAX_RUNS',
    meaning: 'runs that may wait; further requests get 503',
    value: wholeNumber(1, 10_000_000),
    default: '100000',
  }),
  runRetentionDays: setting({
    name: 'SCRIPT_MESH_RUN_RETENTION_DAYS',
    meaning: 'how long runs are kept after their end',
    value: wholeNumber(1, 36_500),
    default: '30',
  }),
  runRetentionCount: setting({
    name: 'SCRIPT_MESH_RUN_RETENTION_COUNT',
    meaning: 'runs that are kept after their end; beyond it the oldest go',
    value: wholeNumber(1, 100_000_000),
    default: '1000000',
  }),
  runRetentionBytes: setting({
    name: 'SCRIPT_MESH_RUN_RETENTION_BYTES',
    meaning: 'stored output of all runs; beyond it that of the oldest ended runs goes, the runs stay',
    value: wholeNumber(1024, 1_125_899_906_842_624),
    default: '10737418240',
  }),
  badKeysPerMinute: setting({
    name: 'SCRIPT_MESH_BAD_KEYS_PER_MINUTE',
    meaning: 'bad keys from one address in a minute before it gets 429',
    value: wholeNumber(1, 100_000),
    default: '20',
  }),
  agentAllowedRanges: setting({
    name: 'SCRIPT_MESH_AGENT_ALLOWED_RANGES',
    meaning: 'address ranges that agents may have, as in 10.0.0.0/8; empty = any but metadata addresses',
    value: listOf(ipRange),
    default: '',
  }),
  trustedProxies: setting({
    name: 'SCRIPT_MESH_TRUSTED_PROXIES',
    meaning: 'addresses or ranges of proxies whose X-Forwarded-For is believed',
    value: listOf(ipRange),
    default: '',
  }),
  acceptNewFernetKey: setting({
    name: 'SCRIPT_MESH_ACCEPT_NEW_FERNET_KEY',
    meaning: 'true = go on with a new Fernet key after the old one was lost; see docs/fernet-key.md',
    value: oneOf('true', 'false'),
    default: 'false',
  }),
} as const;
