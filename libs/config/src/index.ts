/** Settings: one schema for each program, read once, checked whole. The only place that reads process.env. */
export type { ClientCertificate } from './client-certificate.js';
export { EXIT_CONFIG, SettingsError, type SettingFault } from './fault.js';
export { writeKeyFile } from './key-files.js';
export { checkForeignKey, isDefaultKey } from './key-rules.js';
export { checkHttpUrl } from './parse-values.js';
export { loadAgentSettings } from './load-agent-settings.js';
export { loadControllerLogSettings, loadControllerSettings } from './load-controller-settings.js';
export { databaseFile, fernetKeyFile, loadOrchestratorSettings } from './load-orchestrator-settings.js';
export { processSources } from './process-sources.js';
export { makeFolders } from './make-folders.js';
export { SettingsModule } from './settings.module.js';
export {
  AgentSettings,
  OrchestratorSettings,
  type ControllerLogSettings,
  type ControllerSettings,
} from './settings.js';
export type { SettingSources } from './sources.js';
