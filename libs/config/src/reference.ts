import { PROGRAMS } from './schema/all-settings.js';
import type { Setting } from './schema/setting.js';

type AnySetting = Setting<unknown>;

/** docs/config.md: one table for each program. */
export function renderConfigReference(): string {
  const tables = PROGRAMS.map(({ title, schema }) => {
    const rows = Object.values(schema).map(
      (entry) => `| ${nameShown(entry)} | ${entry.value.accepts} | ${defaultShown(entry)} | ${entry.meaning} |`,
    );
    return [`## ${title}`, '', '| setting | takes | default | meaning |', '| --- | --- | --- | --- |', ...rows].join(
      '\n',
    );
  });
  return `# Settings

Made by \`npm run generate\` from \`libs/config/src/schema\`; do not edit.

The order is: flag, environment, the file named by \`<name>_FILE\` (secrets only), for the command line its current context, \`.env\` in the home
folder, default. A program checks all its settings at the start; when some are wrong it names every one of them with what to do, and ends with
exit code 78. Names that begin with \`SCRIPT_MESH_\` and mean nothing are named in a warning.

Key files may be open to their owner only (\`chmod 600\`), except those that a container runtime mounts under \`/run/secrets/\`. A key has at least
32 characters; shorter ones and \`CHANGEME\` are taken only with \`SCRIPT_MESH_MODE=development\` on a loopback address, empty ones never.

${tables.join('\n\n')}
`;
}

/** .env.example: every setting once, as a comment with its default. */
export function renderEnvExample(): string {
  const seen = new Set<string>();
  const parts = PROGRAMS.flatMap(({ title, schema }) => {
    const fresh = Object.values(schema).filter(({ name }) => !seen.has(name) && seen.add(name));
    return [`# ${title}`, ...fresh.map(exampleOf)];
  });
  return `# Settings of ScriptMesh; docs/config.md says more. Made by "npm run generate"; do not edit.
# Copy this file to .env in the home folder, chmod 600, and take the # away from what you set.

${parts.join('\n\n')}
`;
}

/** A name that several programs read stands once, with what it means to each of them. */
function exampleOf({ name, default: fallback }: AnySetting): string {
  const uses = PROGRAMS.flatMap(({ title, schema }) =>
    Object.values(schema)
      .filter((entry) => entry.name === name)
      .map((entry) => ({ title, entry, text: plain(`${entry.meaning}; default: ${defaultShown(entry)}`) })),
  );
  const isShared = new Set(uses.map(({ text }) => text)).size > 1;
  const comments = isShared
    ? uses.map(({ title, text }) => `# ${title}: ${text}`)
    : uses.slice(0, 1).map(({ text }) => `# ${text}`);
  return [...comments, `#${name}=${fallback ?? ''}`].join('\n');
}

const plain = (text: string): string => text.replaceAll('`', '');
const nameShown = ({ name, secret }: AnySetting): string =>
  secret ? `\`${name}\` (or \`${name}_FILE\`)` : `\`${name}\``;
const defaultShown = (entry: AnySetting): string =>
  entry.defaultShown ?? (entry.default === '' ? 'empty' : `\`${entry.default ?? ''}\``);
