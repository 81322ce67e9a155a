import { lookup } from 'node:dns';
import type { AgentId } from '@scriptmesh/contracts';
import { MovedClock } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressPolicy, checkAgentUrl } from './dialled-address.js';
import type { ResolveName } from './guarded-connector.js';
import { HttpAgentLink } from './http-agent-link.js';
import { FrameDoor } from './test-support/frame-door.js';

const anywhere = new AddressPolicy();
const refusal = (url: string, policy = anywhere): unknown => {
  try {
    return checkAgentUrl(url, policy);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

const METADATA_URLS = [
  'http://169.254.169.254/',
  'http://169.254.169.254./',
  'http://169.254.170.2/',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://0xA9.0xFE.0xA9.0xFE/',
  'http://0251.0376.0251.0376/',
  'http://169.254.43518/',
  'http://169.16689662/',
  'http://%31%36%39.254.169.254/',
  'http://[::ffff:169.254.169.254]/',
  'http://[::ffff:a9fe:a9fe]/',
  'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'http://[::169.254.169.254]/',
  'http://[::ffff:0:169.254.169.254]/',
  'http://[64:ff9b::169.254.169.254]/',
  'http://[64:ff9b:1::a9fe:a9fe]/',
  'http://[2002:a9fe:a9fe::1]/',
  'http://[fd00:ec2::254]/',
  'http://[fd00:0ec2:0000::0254]/',
  'http://[fe80::1]/',
  'http://100.100.100.200/',
  'http://168.63.129.16/',
  'http://0.0.0.0:5001',
  'http://0/',
  'http://[::]:5001',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
];

describe('the url of an agent', () => {
  it.each([
    ['http://127.0.0.1:5001', 'http://127.0.0.1:5001'],
    ['http://10.1.2.3:5001/', 'http://10.1.2.3:5001'],
    ['HTTPS://Node-7.Example.com/mesh//', 'https://node-7.example.com/mesh'],
    ['http://[::1]:5001', 'http://[::1]:5001'],
    ['http://[::ffff:10.0.0.1]:5001', 'http://[::ffff:a00:1]:5001'],
    ['http://localhost:5001', 'http://localhost:5001'],
  ])('%s is taken as %s', (given, taken) => expect(checkAgentUrl(given, anywhere)).toBe(taken));

  it.each(METADATA_URLS)('%s is refused', (url) => expect(refusal(url)).toBe('agent/url-refused'));

  it.each([
    'ftp://node/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'gopher://node/',
    'http:node',
    'http:///',
    '//node:5001',
    'node:5001',
    '',
    'http://user:secret@node/',
    'http://user@node/',
    'http://@node/',
    'http://node@169.254.169.254/',
    'http://node/#fragment',
    'http://node/#',
    'http://node/?q=1',
    'http://node/?',
    'http://node/\r\nx-evil: 1',
    'http://no\tde/',
    'http://node /',
    ' http://node/',
    'http://node\\@169.254.169.254/',
    'http:\\\\node/',
    'http://nöde/',
    'http://①②⑦.0.0.1/',
    'http://node\0/',
    'http://node:0/',
    'http://node:99999/',
    'http://[::1/',
    `http://node/${'a'.repeat(2048)}`,
  ])('%j is refused', (url) => expect(refusal(url)).toBe('agent/url-refused'));

  it('is refused outside the allowed ranges, and taken inside', () => {
    const policy = new AddressPolicy(['10.0.0.0/8', ' 192.168.1.7', 'fd12:3456::/32']);
    const outcome = (host: string): boolean => refusal(`http://${host}:5001`, policy) !== 'agent/url-refused';
    const inside = ['10.255.0.1', '192.168.1.7', '[fd12:3456:1::1]', '[::ffff:10.0.0.1]', '0x0a000001'];
    const outside = [
      '11.0.0.1',
      '192.168.1.8',
      '127.0.0.1',
      '[::1]',
      '[fd12:3457::1]',
      '[::ffff:11.0.0.1]',
      '[64:ff9b::10.0.0.1]',
    ];
    expect(inside.map(outcome)).toEqual(inside.map(() => true));
    expect(outside.map(outcome)).toEqual(outside.map(() => false));
  });

  it('is refused for a metadata address even when a range holds it', () => {
    expect(refusal('http://169.254.169.254', new AddressPolicy(['0.0.0.0/0', '::/0']))).toBe('agent/url-refused');
  });

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'node', '', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8'])(
    'cannot be checked against the range %j',
    (range) => expect(() => new AddressPolicy([range])).toThrow('settings/invalid'),
  );
});

describe('the address that is really dialled', () => {
  let door: FrameDoor;
  const links: HttpAgentLink[] = [];
  beforeEach(async () => {
    door = await FrameDoor.start();
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.close()));
    await door.stop();
  });

  const agentId = '019b7600-0000-7000-8000-000000000001' as AgentId;
  const resolveTo =
    (...addresses: string[]): ResolveName =>
    (_hostname, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const dial = (host: string, ranges: string[], resolveName: ResolveName = lookup): Promise<string> => {
    const link = new HttpAgentLink({ clock: new MovedClock(), policy: new AddressPolicy(ranges), resolveName });
    links.push(link);
    return link.send({ agentId, url: `http://${host}:${door.port}`, key: 'k' }, []);
  };

  it('may be any other one', async () => {
    expect(await dial('node.test', [], resolveTo('127.0.0.1'))).toBe('sent');
    expect(await dial('127.0.0.1', ['127.0.0.0/8'])).toBe('sent');
    expect(await dial('localhost', ['127.0.0.0/8', '::1'])).toBe('sent');
    expect(door.requests).toBe(3);
  });

  it('is never outside the allowed ranges, whether named, written out or resolved', async () => {
    expect(await dial('node.test', ['10.0.0.0/8'], resolveTo('127.0.0.1'))).toBe('not-sent');
    expect(await dial('127.0.0.1', ['10.0.0.0/8'])).toBe('not-sent');
    expect(await dial('2130706433', ['10.0.0.0/8'])).toBe('not-sent');
    expect(await dial('[::ffff:127.0.0.1]', ['10.0.0.0/8'])).toBe('not-sent');
    expect(door.requests).toBe(0);
  });

  it('is never a metadata address to which a name resolves later', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['::ffff:169.254.169.254', 'fd00:ec2::254']];
    const changing: ResolveName = (hostname, options, callback) =>
      resolveTo(...(answers.shift() ?? []))(hostname, options, callback);
    const link = new HttpAgentLink({ clock: new MovedClock(), resolveName: changing });
    links.push(link);
    const send = () => link.send({ agentId, url: `http://node.test:${door.port}`, key: 'k' }, []);
    expect(await send()).toBe('sent');
    await door.closeIdle();
    expect([await send(), await send()]).toEqual(['not-sent', 'not-sent']);
    expect(answers).toEqual([]);
  });

  it('is one that may be dialled when a name has others as well', async () => {
    expect(await dial('node.test', [], resolveTo('169.254.169.254', '127.0.0.1'))).toBe('sent');
  });

  it('tells the log why it was refused', async () => {
    const lines: unknown[] = [];
    const logger = { debug: (_: string, fields?: unknown) => lines.push(fields), info() {}, warn() {}, error() {} };
    const link = new HttpAgentLink({ clock: new MovedClock(), logger, resolveName: resolveTo('169.254.169.254') });
    links.push(link);
    await link.send({ agentId, url: 'http://node.test', key: 'secret-key' }, []);
    expect(JSON.stringify(lines)).toContain('node.test resolves to 169.254.169.254, which is a metadata');
    expect(JSON.stringify(lines)).not.toContain('secret-key');
  });
});
