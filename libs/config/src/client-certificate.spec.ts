import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CERTIFICATE, PRIVATE_KEY } from '@scriptmesh/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SettingsError } from './fault.js';
import { loadAgentSettings } from './load-agent-settings.js';
import { TrialHome } from './test-support/trial-home.js';

const CERT = 'SCRIPT_MESH_CLIENT_CERTIFICATE';
const KEY = 'SCRIPT_MESH_CLIENT_CERTIFICATE_KEY';

describe('the certificate that an agent shows', () => {
  let home: TrialHome;
  beforeEach(() => {
    home = new TrialHome();
    writeFileSync(join(home.path, 'own.pem'), CERTIFICATE);
    writeFileSync(join(home.path, 'own.key'), PRIVATE_KEY, { mode: 0o600 });
  });
  afterEach(() => home.remove());

  const load = (env: Record<string, string>) => loadAgentSettings(home.sources(env)).settings.clientCertificate;
  const faultOf = (env: Record<string, string>): string => {
    try {
      load(env);
    } catch (error) {
      return (error as SettingsError).message;
    }
    return 'none';
  };

  it('is read from two files of the home folder, or of anywhere', () => {
    const { cert, key } = load({ [CERT]: 'own.pem', [KEY]: join(home.path, 'own.key') }) ?? {};
    expect([cert, key?.trim()]).toEqual([CERTIFICATE, PRIVATE_KEY.trim()]);
    expect(load({})).toBeNull();
  });

  it('is named with its key, or not at all', () => {
    expect(faultOf({ [CERT]: 'own.pem' })).toContain(`it is not set, but ${CERT} is`);
    expect(faultOf({ [KEY]: 'own.key' })).toContain(`it is not set, but ${KEY} is`);
  });

  it('has a key of its own, which nobody else may read', () => {
    chmodSync(join(home.path, 'own.key'), 0o640);
    expect(faultOf({ [CERT]: 'own.pem', [KEY]: 'own.key' })).toContain('open to others than its owner');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(home.path, 'other.key'), pem, { mode: 0o600 });
    expect(faultOf({ [CERT]: 'own.pem', [KEY]: 'other.key' })).toContain('is not that of the certificate');
  });

  it('is there, and is one', () => {
    expect(faultOf({ [CERT]: 'none.pem', [KEY]: 'own.key' })).toContain('none.pem cannot be read');
    expect(faultOf({ [CERT]: 'own.pem', [KEY]: 'none.key' })).toContain('there is no file');
    chmodSync(join(home.path, 'own.pem'), 0o600);
    expect(faultOf({ [CERT]: 'own.key', [KEY]: 'own.pem' })).toContain('are not a certificate and a private key');
  });
});
