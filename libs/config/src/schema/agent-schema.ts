import { keyText, httpUrl, labels, oneOf, text, wholeNumber } from '../parse-values.js';
import {
  HOME,
  LOG_LEVEL,
  LOG_MAX_FILES,
  LOG_MAX_MEGABYTES,
  MAIN_KEY,
  MODE,
  ORCHESTRATOR_URL,
} from './common-settings.js';
import { setting } from './setting.js';

export const AGENT_SCHEMA = {
  home: HOME,
  mode: MODE,
  logLevel: LOG_LEVEL,
  logMaxFiles: LOG_MAX_FILES,
  logMaxMegabytes: LOG_MAX_MEGABYTES,
  name: setting({
    name: 'SCRIPT_MESH_AGENT_NAME',
    meaning: "the agent's name",
    value: text,
    default: null,
    defaultShown: '`<HOSTNAME>_ScriptMesh_Agent`',
  }),
  host: setting({
    name: 'SCRIPT_MESH_AGENT_HOST',
    meaning: 'the address the agent listens on',
    value: text,
    default: '127.0.0.1',
  }),
  port: setting({
    name: 'SCRIPT_MESH_AGENT_PORT',
    meaning: 'its port; 0 = any free port',
    value: wholeNumber(0, 65_535),
    default: '5001',
  }),
  url: setting({
    name: 'AGENT_URL',
    meaning: 'the address told to the orchestrator',
    value: httpUrl,
    default: null,
    defaultShown: 'made from host and port',
  }),
  key: setting({
    name: 'SCRIPT_MESH_AGENT_KEY',
    meaning: "the agent's own key, at least 32 characters",
    value: keyText,
    default: null,
    defaultShown: 'made at the first start in cfg/agent.key',
    secret: true,
  }),
  registrationKey: {
    ...MAIN_KEY,
    meaning: "the orchestrator's main key, needed only to register a name for the first time",
    defaultShown: 'cfg/main.key, if it is there',
  },
  orchestratorUrl: ORCHESTRATOR_URL,
  transport: setting({
    name: 'SCRIPT_MESH_TRANSPORT',
    meaning: 'how the agent speaks with the orchestrator; with `websocket` it only dials out and opens no port',
    value: oneOf('http', 'websocket'),
    default: 'http',
  }),
  labels: setting({
    name: 'SCRIPT_MESH_AGENT_LABELS',
    meaning: 'labels told at registration, as in site=north,role=db',
    value: labels,
    default: '',
  }),
  heartbeatIntervalSeconds: setting({
    name: 'SCRIPT_MESH_HEARTBEAT_INTERVAL_SECONDS',
    meaning: 'how often the agent gives a sign of life',
    value: wholeNumber(1, 86_400),
    default: '10',
  }),
  maxConcurrentRuns: setting({
    name: 'SCRIPT_MESH_MAX_CONCURRENT_RUNS',
    meaning: 'scripts that may run at the same time',
    value: wholeNumber(1, 10_000),
    default: '8',
  }),
  defaultTimeoutSeconds: setting({
    name: 'SCRIPT_MESH_DEFAULT_TIMEOUT_SECONDS',
    meaning: 'time limit of scripts whose manifest entry names none',
    value: wholeNumber(1, 2_592_000),
    default: '86400',
  }),
  killGraceSeconds: setting({
    name: 'SCRIPT_MESH_KILL_GRACE_SECONDS',
    meaning: 'time between TERM and KILL',
    value: wholeNumber(0, 3600),
    default: '10',
  }),
  outputMaxBytes: setting({
    name: 'SCRIPT_MESH_OUTPUT_MAX_BYTES',
    meaning: 'kept bytes of each output stream of a run',
    value: wholeNumber(1024, 1_099_511_627_776),
    default: '104857600',
  }),
  diskReserveBytes: setting({
    name: 'SCRIPT_MESH_DISK_RESERVE_BYTES',
    meaning: "free bytes on the spool's disk below which the agent is busy",
    value: wholeNumber(0, 1_099_511_627_776),
    default: '268435456',
  }),
  spoolMaxBytes: setting({
    name: 'SCRIPT_MESH_SPOOL_MAX_BYTES',
    meaning: 'kept output of runs that the orchestrator does not have yet; with more the agent is busy',
    value: wholeNumber(1_048_576, 1_125_899_906_842_624),
    default: '10737418240',
  }),
  keptRecords: setting({
    name: 'SCRIPT_MESH_KEPT_RECORDS',
    meaning: 'records of ended and refused runs kept in the journal',
    value: wholeNumber(1, 1_000_000),
    default: '10000',
  }),
} as const;
