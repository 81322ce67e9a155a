import { describe, expect, it } from 'vitest';
import {
  atLeastOne,
  databaseUrl,
  httpUrl,
  ipRange,
  labels,
  listOf,
  oneOf,
  type Parser,
  text,
  wholeNumber,
} from './parse-values.js';

const valueOf = (parser: Parser<unknown>, given: string): unknown => {
  const parsed = parser.parse(given);
  return 'value' in parsed ? parsed.value : undefined;
};
const problemOf = (parser: Parser<unknown>, given: string): string => {
  const parsed = parser.parse(given);
  return 'problem' in parsed ? parsed.problem : '';
};

describe('whole numbers', () => {
  it.each([
    ['0', 0],
    ['80', 80],
    ['65535', 65_535],
  ])('takes %s', (given, value) => {
    expect(valueOf(wholeNumber(0, 65_535), given)).toBe(value);
  });

  it.each(['', ' ', '-1', '65536', '1.5', '1e3', '0x10', ' 80', '80 ', '+80', 'eighty', '٣', '9'.repeat(30)])(
    'refuses %j',
    (given) => {
      expect(valueOf(wholeNumber(0, 65_535), given)).toBeUndefined();
    },
  );
});

describe('addresses', () => {
  it.each([
    ['http://localhost:8000', 'http://localhost:8000'],
    ['https://mesh.example.org/', 'https://mesh.example.org'],
    ['https://example.org/mesh//', 'https://example.org/mesh'],
    ['http://[::1]:8000', 'http://[::1]:8000'],
  ])('takes %s', (given, value) => {
    expect(valueOf(httpUrl, given)).toBe(value);
  });

  it.each([
    '',
    'localhost:8000',
    'ftp://host',
    'file:///etc/passwd',
    'http://user@host',
    'http://user:password@host',
    'http://host/?a=1',
    'http://host/#a',
    'http://host?',
    'http://ho st',
    'http://host\n',
    'http://host\r\nx: y',
    `http://host/${'x'.repeat(2048)}`,
  ])('refuses %j', (given) => {
    expect(valueOf(httpUrl, given)).toBeUndefined();
  });

  it('does not show a password that stands in a wrong address', () => {
    expect(problemOf(httpUrl, 'http://user:hunter22@host')).not.toContain('hunter22');
    expect(problemOf(databaseUrl, 'mysql://user:hunter22@host/db')).not.toContain('hunter22');
  });

  it.each(['postgres://u:p@host:5432/db', 'postgresql://host/db'])('takes the database %s', (given) => {
    expect(valueOf(databaseUrl, given)).toBe(given);
  });

  it.each(['', 'mysql://host/db', 'host/db', '/var/lib/db.sqlite'])('refuses the database %j', (given) => {
    expect(valueOf(databaseUrl, given)).toBeUndefined();
  });
});

describe('ranges', () => {
  it.each(['10.0.0.0/8', '192.0.2.7', '0.0.0.0/0', 'fd00::/8', '::1', '::ffff:10.0.0.1'])('takes %s', (given) => {
    expect(valueOf(listOf(ipRange), given)).toEqual([given]);
  });

  it.each(['10.0.0.0/33', '256.0.0.1', '10.0.0', 'fd00::/129', 'host', '10.0.0.0/', '10.0.0.0/8/8', '1:2', ','])(
    'refuses %j',
    (given) => {
      expect(valueOf(listOf(ipRange), given)).toBeUndefined();
    },
  );

  it('reads a list with blanks, drops what is there twice, and takes an empty one', () => {
    expect(valueOf(listOf(ipRange), '10.0.0.0/8, ::1,10.0.0.0/8')).toEqual(['10.0.0.0/8', '::1']);
    expect(valueOf(listOf(ipRange), '')).toEqual([]);
  });
});

describe('words', () => {
  it('are taken as they are written, nothing else', () => {
    expect(valueOf(oneOf('true', 'false'), 'true')).toBe('true');
    for (const given of ['TRUE', '1', 'yes', '', ' true']) {
      expect(valueOf(oneOf('true', 'false'), given), given).toBeUndefined();
    }
  });

  it('may be asked for at least once', () => {
    expect(valueOf(atLeastOne(listOf(oneOf('http'))), 'http')).toEqual(['http']);
    expect(problemOf(atLeastOne(listOf(oneOf('http'))), '')).toBe('it is empty');
    expect(problemOf(atLeastOne(listOf(oneOf('http'))), 'http,pigeon')).toContain('pigeon');
  });

  it.each(['', '  ', 'a\nb', '\0'])('a text is not %j', (given) => {
    expect(valueOf(text, given)).toBeUndefined();
  });

  it('are cut and escaped when they stand in a message', () => {
    const problem = problemOf(oneOf('http'), `\u001b[31m\u202e${'x'.repeat(5000)}`);
    expect(problem.length).toBeLessThan(120);
    expect(problem).not.toContain('\u001b');
    expect(problem).not.toContain('\u202e');
  });
});

describe('labels', () => {
  it('reads pairs', () => {
    expect(valueOf(labels, 'site=north, role=db,empty=')).toEqual({ site: 'north', role: 'db', empty: '' });
    expect(valueOf(labels, '')).toEqual({});
  });

  it.each(['site', '=north', 'a=b=c', 'a=b,a=c', '__proto__=x', '1a=b', 'a=b c', 'a=b,', 'a=ü'])(
    'refuses %j',
    (given) => {
      expect(valueOf(labels, given)).toBeUndefined();
    },
  );
});
