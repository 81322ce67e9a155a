/** An installation that this user works with. */
export interface Context {
  readonly name: string;
  /** Where its orchestrator is reached; without a trailing slash. */
  readonly url: string;
  /** Stored by `login`; goes to this url and to no other. */
  readonly apiKey: string | null;
}

/** All contexts of this user, in the order in which they were added. */
export interface ContextBook {
  readonly current: string | null;
  readonly contexts: readonly Context[];
}

export const EMPTY_BOOK: ContextBook = { current: null, contexts: [] };
export const CONTEXT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
export const CONTEXT_NAME_RULE = 'begin with a letter or digit and hold at most 64 letters, digits, "_", "." or "-"';

export const findContext = (book: ContextBook, name: string | null): Context | undefined =>
  book.contexts.find((context) => context.name === name);

/** Puts a context in, or in the place of the one of the same name. The first one becomes the current one. */
export const putContext = (book: ContextBook, context: Context): ContextBook => ({
  current: book.contexts.length === 0 ? context.name : book.current,
  contexts: findContext(book, context.name)
    ? book.contexts.map((before) => (before.name === context.name ? context : before))
    : [...book.contexts, context],
});

/** Without it there may be no current context. */
export const dropContext = (book: ContextBook, name: string): ContextBook => ({
  current: book.current === name ? null : book.current,
  contexts: book.contexts.filter((context) => context.name !== name),
});
