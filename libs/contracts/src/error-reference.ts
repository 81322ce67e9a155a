import { ERROR_CATALOGUE } from './error-catalogue.js';

/** docs/errors.md: every code with its status, meaning and remedy, grouped by the word before the slash. */
export function renderErrorReference(): string {
  const groups = new Map<string, string[]>();
  for (const [code, { status, title, hint }] of Object.entries(ERROR_CATALOGUE)) {
    const [group = ''] = code.split('/');
    groups.set(group, [...(groups.get(group) ?? []), `| \`${code}\` | ${status} | ${title} | ${escapeCell(hint)} |`]);
  }
  const tables = [...groups].map(([group, rows]) =>
    [`## ${group}`, '', '| code | status | meaning | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  );
  return `# Errors

Made by \`npm run generate\` from \`libs/contracts/src/error-catalogue.ts\`; do not edit.

Every error has a code. Over HTTP it is the field \`code\` of an \`application/problem+json\` body (RFC 9457), beside \`type\`, \`title\`, \`status\`,
\`detail\` (what happened and why), \`hint\` (what to do), \`requestId\` (find it in the logs) and \`errors\` (one entry for each wrong field).
Programs should look at the code; the words may change. The hints below are used when there is nothing better to say.

${tables.join('\n\n')}
`;
}

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<');
