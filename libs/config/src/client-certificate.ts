import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readKeyFile } from './key-files.js';
import type { SettingReader } from './sources.js';

/** What the agent shows to a server that asks for a certificate, as PEM. Fits the options of Node's TLS. */
export interface ClientCertificate {
  /** With the certificates between it and the authority, if there are any. */
  readonly cert: string;
  readonly key: string;
}

interface Given {
  readonly certificate: { readonly name: string; readonly file: string | null };
  readonly key: { readonly name: string; readonly file: string | null };
}

/** Reads both files, which are below the home folder unless they say otherwise, or neither is set; whatever does not fit together becomes a fault. */
export function readClientCertificate(
  { certificate, key }: Given,
  { faults, home }: SettingReader,
): ClientCertificate | null {
  if (certificate.file === null && key.file === null) return null;
  if (certificate.file === null || key.file === null) {
    const [missing, other] = certificate.file === null ? [certificate.name, key.name] : [key.name, certificate.name];
    faults.push({ name: missing, problem: `it is not set, but ${other} is`, remedy: 'Set both, or neither' });
    return null;
  }
  const before = faults.length;
  const [certificateFile, keyFile] = [resolve(home, certificate.file), resolve(home, key.file)];
  const lines = readKeyFile(key.name, keyFile, faults);
  if (lines === undefined) {
    const problem = `there is no file ${keyFile}`;
    faults.push({ name: key.name, problem, remedy: 'Name the file of the private key' });
  }
  if (faults.length > before) return null;
  const shown = { cert: read(certificateFile), key: (lines ?? []).join('\n') };
  const problem = problemOf(shown.cert, shown.key, certificateFile, keyFile);
  if (problem === null) return { cert: shown.cert as string, key: shown.key };
  faults.push({ name: certificate.name, problem, remedy: 'Name a certificate and its own private key, both as PEM' });
  return null;
}

function problemOf(cert: string | null, key: string, certificateFile: string, keyFile: string): string | null {
  if (cert === null) return `the file ${certificateFile} cannot be read`;
  try {
    const isPair = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    return isPair ? null : `the private key in ${keyFile} is not that of the certificate`;
  } catch {
    return `${certificateFile} and ${keyFile} are not a certificate and a private key without a passphrase`;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
