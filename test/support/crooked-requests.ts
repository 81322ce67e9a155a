/**
 * Requests that two servers in a row might read differently, each in the exact bytes of a connection.
 * In braces stands what the test fills in: the key, a body that is read to its end and then refused as one for an unknown
 * agent, its size, and a second request, which is one where the first one ends before it, and closes the connection.
 */
const HOST = 'Host: x\r\nConnection: close\r\n';
const post = (headers: string, body: string): string =>
  `POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{key}${headers}\r\n${body}`;
const get = (target: string, headers = ''): string => `GET ${target} HTTP/1.1\r\n${HOST}{key}${headers}\r\n`;
const IN_CHUNKS = '{inner-hex}\r\n{inner}\r\n0\r\n\r\n';

const BODY = '{"agent":"nobody","script":"x"}';
const INNER = 'GET /smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

export function fillIn(bytes: string, key: string): string {
  const texts: Readonly<Record<string, string>> = {
    key: `X-Api-Key: ${key}\r\n`,
    body: BODY,
    size: String(BODY.length),
    hex: BODY.length.toString(16),
    inner: INNER,
    'inner-size': String(INNER.length),
    'inner-hex': INNER.length.toString(16),
  };
  return bytes.replaceAll(/\{([a-z-]+)\}/g, (_, name: string) => texts[name] as string);
}

export const CROOKED_REQUESTS: readonly (readonly [string, string])[] = [
  ['a good request', post('Connection: close\r\nContent-Length: {size}\r\n', '{body}')],
  [
    'a good request in chunks',
    post('Connection: close\r\nTransfer-Encoding: chunked\r\n', '{hex}\r\n{body}\r\n0\r\n\r\n'),
  ],
  ['CL.TE', post('Content-Length: 6\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n{inner}')],
  ['TE.CL', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', IN_CHUNKS)],
  ['TE before CL', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', IN_CHUNKS)],
  ['TE.TE: chunked and another', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n', '0\r\n\r\n{inner}')],
  ['TE.TE: chunked twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n{inner}')],
  ['TE: xchunked', post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n{inner}')],
  ['TE: identity, and CL', post('Transfer-Encoding: identity\r\nContent-Length: {size}\r\n', '{body}{inner}')],
  ['TE: chunked, gzip', post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n{inner}')],
  ['TE in quotes', post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n{inner}')],
  ['TE with a tab', post('Transfer-Encoding:\tchunked\r\nContent-Length: 6\r\n', '0\r\n\r\n{inner}')],
  ['TE with a vertical tab', post('Transfer-Encoding: \x0bchunked\r\nContent-Length: 6\r\n', '0\r\n\r\n{inner}')],
  ['TE after a NUL', post('Transfer-Encoding: chunked\0\r\nContent-Length: 6\r\n', '0\r\n\r\n{inner}')],
  [
    'TE with a blank before the colon',
    post('Transfer-Encoding : chunked\r\nContent-Length: 6\r\n', '0\r\n\r\n{inner}'),
  ],
  ['TE folded', post('Transfer-Encoding:\r\n chunked\r\nContent-Length: 6\r\n', '0\r\n\r\n{inner}')],
  ['TE spelled with an underscore', post('Transfer_Encoding: chunked\r\nContent-Length: {size}\r\n', '{body}{inner}')],
  ['TE over HTTP/1.0', post('Transfer-Encoding: chunked\r\n', '0\r\n\r\n{inner}').replace('HTTP/1.1', 'HTTP/1.0')],
  ['CL twice, different', post('Content-Length: {size}\r\nContent-Length: 60\r\n', '{body}{inner}')],
  ['CL twice, the same', post('Content-Length: {size}\r\nContent-Length: {size}\r\n', '{body}{inner}')],
  ['CL as a list', post('Content-Length: {size}, {size}\r\n', '{body}{inner}')],
  ['CL with a plus', post('Content-Length: +{size}\r\n', '{body}{inner}')],
  ['CL negative', post('Content-Length: -{size}\r\n', '{body}{inner}')],
  ['CL in hexadecimal', post('Content-Length: 0x{hex}\r\n', '{body}{inner}')],
  ['CL that overflows', post('Content-Length: 18446744073709551618\r\n', '{body}{inner}')],
  ['CL with zeros before it', post('Content-Length: 00{size}\r\n', '{body}{inner}')],
  ['CL with a blank before the colon', post('Content-Length : {size}\r\n', '{body}{inner}')],
  ['CL with a blank inside', post('Content-Length: {size} 0\r\n', '{body}{inner}')],
  ['CL folded', post('Content-Length:\r\n {size}\r\n', '{body}{inner}')],
  ['CL empty', post('Content-Length: \r\n', '{body}{inner}')],
  ['a body with GET', get('/api/v1/runs', 'Content-Length: {inner-size}\r\n') + '{inner}'],
  ['chunks with an extension', post('Transfer-Encoding: chunked\r\n', '{hex};x=y\r\n{body}\r\n0\r\n\r\n{inner}')],
  [
    'chunks with an extension and a bare LF',
    post('Transfer-Encoding: chunked\r\n', '{hex};\n{body}\r\n0\r\n\r\n{inner}'),
  ],
  [
    'a chunk size that overflows',
    post('Transfer-Encoding: chunked\r\n', '100000000000000{hex}\r\n{body}\r\n0\r\n\r\n{inner}'),
  ],
  ['a chunk size with 0x', post('Transfer-Encoding: chunked\r\n', '0x{hex}\r\n{body}\r\n0\r\n\r\n{inner}')],
  ['a chunk size with a minus', post('Transfer-Encoding: chunked\r\n', '-{hex}\r\n{body}\r\n0\r\n\r\n{inner}')],
  ['a chunk without its end of line', post('Transfer-Encoding: chunked\r\n', '{hex}\r\n{body}0\r\n\r\n{inner}')],
  [
    'chunks with a trailer of importance',
    post('Transfer-Encoding: chunked\r\n', '{hex}\r\n{body}\r\n0\r\nContent-Length: 60\r\n\r\n{inner}'),
  ],
  ['bare LF in the head', post('Content-Length: {size}\r\n', '{body}{inner}').replaceAll('\r\n', '\n')],
  ['bare CR in a header', get('/livez', 'X: a\rTransfer-Encoding: chunked\r\n')],
  ['a folded header', get('/livez', 'X: a\r\n b\r\n')],
  ['a header without a colon', get('/livez', 'nonsense\r\n')],
  ['a header without a name', get('/livez', ': x\r\n')],
  ['a blank before the first header', `GET /livez HTTP/1.1\r\n X: y\r\n${HOST}\r\n`],
  ['NUL in a header', get('/livez', 'X: a\0b\r\n')],
  ['no Host', 'GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['two Hosts', get('/livez', 'Host: y\r\n')],
  ['the absolute form', get('http://elsewhere.example/livez')],
  ['the absolute form of another scheme', get('ftp://elsewhere.example/livez')],
  ['an encoded dot', get('/api/v1/%2e%2e/livez')],
  ['dots beyond the root', get('/../../livez')],
  ['an encoded slash', get('/api%2fv1/runs')],
  ['a backslash', get('/api\\v1\\runs')],
  ['an encoded NUL', get('/livez%00')],
  ['a half of an escape', get('/livez%2')],
  ['a fragment', get('/livez#/../api')],
  ['a blank in the target', get('/livez HTTP/1.1 /x')],
  ['a tab in the target', get('/livez\t')],
  ['raw bytes in the target', get('/liv\xe9z')],
  ['an unknown version', get('/livez').replace('HTTP/1.1', 'HTTP/1.9')],
  ['HTTP/2 by its preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['no version', 'GET /livez\r\n\r\n'],
  ['an unknown method', get('/livez').replace('GET', 'GOT')],
  ['CONNECT', `CONNECT localhost:22 HTTP/1.1\r\n${HOST}\r\n`],
  ['an asterisk', get('*').replace('GET', 'OPTIONS')],
  [
    'an upgrade to h2c',
    get('/livez', 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n').replace(
      'close',
      'close, Upgrade, HTTP2-Settings',
    ),
  ],
  ['Connection that names a header of the edge', get('/livez').replace('close', 'close, X-Forwarded-For')],
  ['Expect of an unknown kind', post('Connection: close\r\nContent-Length: {size}\r\nExpect: 200-ok\r\n', '{body}')],
];
