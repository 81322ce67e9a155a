/** Whether errors are to be JSON, read from the bare arguments because the error may be in the command line itself. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return flags.some((flag, index) => {
    const value = /^(?:-o=?|--output=)(.+)$/.exec(flag)?.[1];
    const next = flag === '-o' || flag === '--output' ? flags[index + 1] : value;
    return next === 'json' || next === 'ndjson';
  });
}
