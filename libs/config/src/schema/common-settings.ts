import { failpointList } from '../parse-failpoint-list.js';
import { keyText, httpUrl, oneOf, text, wholeNumber } from '../parse-values.js';
import { setting } from './setting.js';

/** Settings that several programs share, in name and meaning. */
export const MODE = setting({
  name: 'SCRIPT_MESH_MODE',
  meaning: 'development lets short keys be used on loopback',
  value: oneOf('production', 'development'),
  default: 'production',
});
export const LOG_LEVEL = setting({
  name: 'SCRIPT_MESH_LOG_LEVEL',
  meaning: 'the least important lines that are logged',
  value: oneOf('error', 'warn', 'info', 'debug'),
  default: 'info',
});
export const LOG_MAX_FILES = setting({
  name: 'SCRIPT_MESH_LOG_MAX_FILES',
  meaning: "dated files kept of each program's log in logs/, compressed ones included; the oldest go first",
  value: wholeNumber(1, 10_000),
  default: '60',
});
export const LOG_MAX_MEGABYTES = setting({
  name: 'SCRIPT_MESH_LOG_MAX_MEGABYTES',
  meaning: "megabytes that each program's log files may take together; one is cut at an eighth of it",
  value: wholeNumber(1, 1_000_000),
  default: '256',
});
export const ORCHESTRATOR_URL = setting({
  name: 'ORCHESTRATOR_URL',
  meaning: 'where the orchestrator is reached',
  value: httpUrl,
  default: 'http://localhost:8000',
});
export const MAIN_KEY = setting({
  name: 'SCRIPT_MESH_MAIN_KEY',
  meaning: 'the key of operators, at least 32 characters',
  value: keyText,
  default: null,
  defaultShown: 'made at the first start in cfg/main.key',
  secret: true,
});
export const FAILPOINT = setting({
  name: 'SCRIPT_MESH_FAILPOINT',
  meaning:
    'for tests of ScriptMesh itself: the step at which the program dies, fails or pauses; refused in production mode',
  value: failpointList,
  default: null,
  defaultShown: 'none',
});
export const FAILPOINT_LOG = setting({
  name: 'SCRIPT_MESH_FAILPOINT_LOG',
  meaning: 'the file that gets a line for each failpoint that was hit; none that stands in it is hit again',
  value: text,
  default: null,
  defaultShown: 'none',
});
/** Read before all others, because the .env file stands in it. */
export const HOME = setting({
  name: 'SCRIPT_MESH_HOME',
  meaning:
    'the home folder; holds cfg/ data/ logs/ scripts/ spool/ and the SQLite file (set it in the environment: .env stands in it)',
  value: text,
  default: null,
  defaultShown: 'the working folder',
});
