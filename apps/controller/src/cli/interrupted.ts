/** Told as a plain message, not as an error: nothing went wrong. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
