/** Kept equal to package.json by a test: reading that file would tie the program to where it was built. */
export const AGENT_VERSION = '1.0.0-alpha.1';
