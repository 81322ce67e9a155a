import { UsageFault } from '../../cli/usage-fault.js';
import type { BodySource } from './body-source.js';

/**
 * The body that `-d` means: text, `@file` or `-`. It must be JSON, unless a header says that it is something else.
 * @throws UsageFault
 */
export async function readBody(data: string, source: BodySource, isOther: boolean): Promise<Buffer> {
  const body = await bytesOf(data, source);
  if (!isOther && !isJson(body)) {
    throw new UsageFault('the body is not JSON', `Mend it, or say what it is: -H 'content-type: text/plain'.`);
  }
  return body;
}

async function bytesOf(data: string, source: BodySource): Promise<Buffer> {
  if (data === '-') return source.fromPipe();
  return data.startsWith('@') ? source.fromFile(data.slice(1)) : Buffer.from(data);
}

function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
