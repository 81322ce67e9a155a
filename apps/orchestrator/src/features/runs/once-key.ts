import { MeshError } from '@scriptmesh/contracts';

const LONGEST_KEY = 255;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** What makes a request the same as one before: asked again, it is answered with the run that it made the first time. */
export interface OnceKey {
  readonly key: string;
  /** Of what was asked for. */
  readonly requestSha: string;
}

/**
 * The key of an `Idempotency-Key` header; undefined when there is none.
 * @param values one for each time the header was sent
 * @throws MeshError request/malformed
 */
export function readOnceKey(values: readonly string[] | undefined): string | undefined {
  if (values === undefined) return undefined;
  const [key = ''] = values;
  const fault = findFault(values, key);
  if (fault === undefined) return key;
  throw new MeshError('request/malformed', `the header Idempotency-Key ${fault}`, {
    hint: `Send one key of 1 to ${LONGEST_KEY} printable ASCII characters, a random UUID for example.`,
  });
}

function findFault(values: readonly string[], key: string): string | undefined {
  if (values.length !== 1) return 'was sent more than once';
  if (key === '') return 'is empty';
  if (key.length > LONGEST_KEY) return `is longer than ${LONGEST_KEY} characters`;
  return PRINTABLE.test(key) ? undefined : 'holds characters that are not printable ASCII';
}
