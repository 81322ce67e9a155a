/**
 * The supervisor's program as text, in the agent that is one file: `tools/bundle-agent.mjs` puts it in this module's place.
 * null in any other build, where the program lies in a file of its own.
 */
export const SUPERVISOR_TEXT: string | null = null;
