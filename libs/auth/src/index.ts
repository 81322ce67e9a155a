/** Decorators, key hashing, constant-time comparison and limits. It stores nothing. */
export type { Principal } from './principal.js';
export { ACCESS_LEVEL, AgentOnly, Open, Registrant, type AccessLevel } from './access-level.decorator.js';
export { BadKeyLimiter } from './bad-key-limiter.js';
export { keysEqual } from './compare-keys.js';
export { CurrentPrincipal, type RequestWithPrincipal } from './current-principal.decorator.js';
export { readApiKey } from './read-api-key.js';
export { readScrapeKey } from './read-scrape-key.js';
