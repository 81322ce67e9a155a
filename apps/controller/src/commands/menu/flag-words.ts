import type { SettingsFlags } from '../../ports/settings-source.js';

/** The flags that were given to this command line, as words for another one. */
export const flagWords = ({ context, url, apiKeyFile }: SettingsFlags): readonly string[] =>
  [
    ['--context', context],
    ['--url', url],
    ['--api-key-file', apiKeyFile],
  ].flatMap(([flag, value]) => (flag === undefined || value === undefined ? [] : [flag, value]));
