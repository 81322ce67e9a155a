/** Paths that want no key: DESIGN section 7. Everything else does, paths that do not exist included. */
const OPEN_PATHS = new Set(['/', '/docs', '/docs/', '/openapi.json', '/livez', '/readyz']);
/** One file name below /docs/: the assets of Swagger UI. No further slash, no dots but one, no escapes. */
const DOCS_ASSET = /^\/docs\/[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)*$/;

/** @param path the path exactly as it came, without the query */
export const isOpenPath = (path: string): boolean => OPEN_PATHS.has(path) || DOCS_ASSET.test(path);
