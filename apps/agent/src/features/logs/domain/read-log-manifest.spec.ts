import { describe, expect, it } from 'vitest';
import { readLogManifest } from './read-log-manifest.js';

const read = (value: unknown) =>
  readLogManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), '/home/mesh');
const faultsOf = (path: unknown, roots: readonly unknown[] = []) => read({ roots, logs: [{ name: 'a', path }] }).faults;

describe('a log manifest', () => {
  it('names logs below the home folder and below its roots, beside the own log', () => {
    const { sources, faults } = read({
      $schema: 'x',
      roots: ['/var/log/shop'],
      logs: [
        { name: 'app', path: 'logs/app.log', description: 'The app', maxBytes: 4096 },
        { name: 'shop', path: '/var/log/shop/web/access-*.log' },
      ],
    });
    expect(faults).toEqual([]);
    expect([...sources.keys()]).toEqual(['scriptmesh-agent', 'app', 'shop']);
    expect(sources.get('app')).toMatchObject({
      root: '/home/mesh',
      folders: ['logs'],
      pattern: 'app.log',
      maxBytes: 4096,
    });
    expect(sources.get('shop')).toMatchObject({ root: '/var/log/shop', folders: ['web'], pattern: 'access-*.log' });
  });

  it.each([
    '../x.log',
    'a/../../x',
    '~/x.log',
    'a\0b',
    'a\nb',
    '',
    '.',
    'logs/*/x.log',
    'cfg/log_manifest.json',
    './cfg/x',
    'spool/x',
    'logs/agent.key',
    '.env',
    'data/scriptmesh.sqlite',
    '/etc/passwd',
    '/var/log/shopping/x.log',
    '/proc/self/environ',
    5,
    null,
  ])('refuses the path %j at load, with its place, and serves the others (C1)', (path) => {
    const { sources, faults } = read({
      roots: ['/var/log/shop'],
      logs: [
        { name: 'a', path },
        { name: 'b', path: 'b.log' },
      ],
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^logs\[0\]\.path: /);
    expect([...sources.keys()]).toEqual(['scriptmesh-agent', 'b']);
  });

  it.each(['/', 'var/log', '/var/../etc', '/proc', '/dev/x', '/var/log/*', '~root', 7])(
    'refuses the root %j',
    (root) => {
      expect(faultsOf('/var/log/x', [root])[0]).toMatch(/^roots\[0\]: /);
    },
  );

  it('refuses an entry whose name or bound is wrong', () => {
    const { faults } = read({ logs: [{ name: '../x', path: 'a' }, { name: 'b', path: 'b', maxBytes: 1e12 }, 'c'] });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(['logs[0].name', 'logs[1].maxBytes', 'logs[2]']);
  });

  it.each([
    ['{"logs": [}', /1:11/],
    ['{"logs": [], "logs": []}', /second time/],
    ['{}', /logs: is missing/],
    ['{"logs": {}}', /must be a list/],
    ['{"logs": [], "log": 1}', /log: is not a known field/],
    ['{"logs": [{"name": "a", "path": "a", "follow": true}]}', /logs\[0\]\.follow/],
    ['{"logs": [{"name": "a", "path": "a"}, {"name": "a", "path": "b"}]}', /logs\[1\]\.name/],
    ['{"logs": [{"name": "scriptmesh-agent", "path": "a"}]}', /another log/],
    ['['.repeat(100_000), /nested/],
  ])('refuses the file %.40s', (file, why) => {
    expect(() => read(file)).toThrow(why);
  });
});
