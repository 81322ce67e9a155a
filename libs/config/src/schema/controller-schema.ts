import { keyText } from '../parse-values.js';
import { HOME, LOG_MAX_FILES, LOG_MAX_MEGABYTES, MAIN_KEY, ORCHESTRATOR_URL } from './common-settings.js';
import { setting } from './setting.js';

export const CONTROLLER_SCHEMA = {
  home: HOME,
  logMaxFiles: LOG_MAX_FILES,
  logMaxMegabytes: LOG_MAX_MEGABYTES,
  orchestratorUrl: ORCHESTRATOR_URL,
  apiKey: setting({
    name: 'SCRIPT_MESH_API_KEY',
    meaning: 'the key that the command line uses',
    value: keyText,
    default: null,
    defaultShown: 'the main key',
    secret: true,
  }),
  mainKey: {
    ...MAIN_KEY,
    meaning: 'used when SCRIPT_MESH_API_KEY is not set',
    defaultShown: 'cfg/main.key, if it can be read',
  },
} as const;
