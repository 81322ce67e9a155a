import { describe, expect, it } from 'vitest';
import { isOpenPath } from './open-paths.js';

describe('isOpenPath', () => {
  it.each([
    '/',
    '/docs',
    '/docs/',
    '/docs/swagger-ui.css',
    '/docs/swagger-ui-init.js',
    '/openapi.json',
    '/livez',
    '/readyz',
  ])('leaves %s open', (path) => expect(isOpenPath(path)).toBe(true));

  it.each([
    '',
    '/livez/',
    '//livez',
    '/LIVEZ',
    '/livez;x=1',
    '/%6civez',
    '/docs/../api/v1/agents',
    '/docs/%2e%2e/api/v1/agents',
    '/docs//api/v1/agents',
    '/docs/..',
    '/docs/a/b',
    '/openapi.json/',
    '/api/v1/agents',
    '/api/v1',
    '/livez\n',
    'http://x/livez',
  ])('wants a key for %j', (path) => expect(isOpenPath(path)).toBe(false));
});
