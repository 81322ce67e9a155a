import { describe, expect, it } from 'vitest';
import { isApiPath } from './api-path.js';

describe('isApiPath', () => {
  it.each(['/', '/api/v1/runs?state=failed&limit=1', '/read?filename=a%20b', '/api//v1'])('allows %s', (path) => {
    expect(isApiPath(path)).toBe(true);
    expect(new URL(path, 'http://mesh:8000').host).toBe('mesh:8000');
  });

  it.each([
    '',
    'api/v1/runs',
    '//evil.example/x',
    '/\\evil.example/x',
    '/a\\b',
    'http://evil.example/',
    '@evil.example/',
    '/a b',
    '/a\r\nx-api-key: b',
    '/\tevil',
    '/a#b',
    '/é',
  ])('refuses %j', (path) => expect(isApiPath(path)).toBe(false));
});
