import type { ContextBook } from '../contexts/context-book.js';

/** Keeps the contexts of this user, keys included. */
export abstract class ContextStore {
  /** Where they are, for messages. */
  abstract readonly place: string;
  /** An empty book when nothing was kept yet. @throws MeshError settings/invalid when it cannot be trusted or read */
  abstract load(): ContextBook;
  /** All or nothing. Two at the same moment: the later one wins. @throws MeshError settings/invalid */
  abstract save(book: ContextBook): void;
}
