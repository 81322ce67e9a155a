import { closeSync, readdirSync, readFileSync } from 'node:fs';

const CLOSE_ON_EXEC = 0o2000000;

/**
 * Descriptors beyond 0, 1 and 2 that whoever started this process left open and that its children would get, too.
 * Node marks all of its own close-on-exec; of inherited ones it marks only those that follow without a gap.
 * Empty where /proc is missing.
 */
export function findInheritedDescriptors(): readonly number[] {
  try {
    const descriptors = readdirSync('/proc/self/fdinfo').map(Number);
    return descriptors.filter((descriptor) => descriptor > 2 && isPassedOn(descriptor));
  } catch {
    return [];
  }
}

/** To be called once, first of all in a program that starts scripts, so that these see 0, 1 and 2 only. */
export function closeInheritedDescriptors(): void {
  for (const descriptor of findInheritedDescriptors()) closeSync(descriptor);
}

function isPassedOn(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}
