import { describe, expect, it } from 'vitest';
import { toConnectionFault } from './connection-fault.js';

const failed = (code: string): Error => Object.assign(new Error('inner text'), { code });

describe('toConnectionFault', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'its certificate has expired', 'Renew the certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another host name', 'ORCHESTRATOR_URL'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown authority', 'NODE_EXTRA_CA_CERTS'],
    ['ENOTFOUND', 'host name is not known', 'ORCHESTRATOR_URL'],
    ['ECONNREFUSED', 'connection refused', 'scriptmesh orchestrator start'],
  ])('explains %s without the inner text', (code, why, hint) => {
    const fault = toConnectionFault(failed(code), 'https://mesh');
    expect(fault.detail).toContain(why);
    expect(fault.detail).not.toContain('inner text');
    expect(fault.hint).toContain(hint);
  });

  it('keeps the text of what it does not know', () => {
    expect(toConnectionFault(failed('EWEIRD'), 'https://mesh').detail).toContain('inner text (EWEIRD)');
  });
});
