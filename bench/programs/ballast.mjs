/** Loaded into a program before it starts: memory that is really there, as of a program that has grown. */
const BYTES = 150 * 2 ** 20;
globalThis.scriptMeshBallast = Buffer.alloc(BYTES, 1);
