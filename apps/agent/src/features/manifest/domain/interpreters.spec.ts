import { describe, expect, it } from 'vitest';
import { interpreterByEnding, interpreterOfManifest, readFirstLine } from './interpreters.js';

const first = (text: string) => {
  const line = readFirstLine(Buffer.from(text, 'latin1'));
  return line.is === 'shebang' ? [...line.interpreter.programs, ...line.interpreter.args] : line.is;
};

describe('the first line of a file', () => {
  it.each([
    ['#!/bin/sh\n', ['/bin/sh']],
    ['#! /usr/bin/perl -w \nx', ['/usr/bin/perl', '-w']],
    ['#!/usr/bin/awk -f -v x\n', ['/usr/bin/awk', '-f -v x']],
    ['#!/usr/bin/env python3\n', ['python3']],
    ['#!/usr/bin/env -S python3 -u -X dev\n', ['python3', '-u', '-X', 'dev']],
    ['#!/usr/bin/env A=b python3\n', ['/usr/bin/env', 'A=b python3']],
    ['#!/bin/sh', ['/bin/sh']],
    ['#!/bin/sh\r\necho', 'crlf-shebang'],
    ['#!/usr/bin/env python3\r\n', 'crlf-shebang'],
    ['#!\n', 'empty-shebang'],
    ['print(1)\r\n', 'other'],
    ['', 'other'],
    ['\x7fELF\x02', 'program'],
  ])('of %j is understood', (text, expected) => {
    expect(first(text)).toEqual(expected);
  });
});

describe('interpreters', () => {
  it('follow from the ending, in any case', () => {
    expect(interpreterByEnding('x.py')?.programs).toEqual(['python3', 'python']);
    expect(interpreterByEnding('X.PS1')?.args).toEqual(['-NoProfile', '-NonInteractive', '-File']);
    expect(interpreterByEnding('x.mjs')?.programs).toEqual([process.execPath]);
    expect([interpreterByEnding('x'), interpreterByEnding('x.txt'), interpreterByEnding('.py')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
  it('that the manifest names get the file alone, PowerShell behind its flags', () => {
    expect(interpreterOfManifest('python3.11', 'scripts[0]').args).toEqual([]);
    expect(interpreterOfManifest('/opt/pwsh', 'scripts[0]').args).toContain('-File');
  });
});
