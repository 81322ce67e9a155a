import { Injectable } from '@nestjs/common';
import { GlobalFlags } from '../../access/global-flags.js';
import { UsageFault } from '../../cli/usage-fault.js';
import { type Context, type ContextBook, findContext } from '../../contexts/context-book.js';
import { getContext } from '../../contexts/context-fault.js';
import { readContextUrl } from '../../contexts/read-context-url.js';
import { ContextStore } from '../../ports/context-store.js';
import { SettingsSource } from '../../ports/settings-source.js';

/** The context made by the first login of a user who has none. */
const FIRST_NAME = 'default';

/** Which context a key is meant for. */
@Injectable()
export class LoginTarget {
  constructor(
    private readonly store: ContextStore,
    private readonly flags: GlobalFlags,
    private readonly settings: SettingsSource,
  ) {}

  /** The one of --context, else the current one, else a first one for the address in force. */
  choose(): Pick<Context, 'name' | 'url'> {
    const { context: named, url } = this.flags.value;
    const book = this.store.load();
    if (named === undefined && book.contexts.length === 0) return { name: FIRST_NAME, url: this.#urlInForce() };
    const context = getContext(book, named ?? book.current);
    if (url !== undefined && readContextUrl(url) !== context.url) throw otherUrl(context, url);
    return context;
  }

  /** The context to log out of. */
  get(): Context {
    const book = this.store.load();
    return getContext(book, this.flags.value.context ?? book.current);
  }

  /** Changes what is kept now. */
  change(next: (book: ContextBook) => ContextBook): void {
    const book = this.store.load();
    this.store.save(next(book));
  }

  #urlInForce(): string {
    const { url, ...others } = this.flags.value;
    return url === undefined ? this.settings.load(others).orchestratorUrl : readContextUrl(url);
  }
}

const otherUrl = (context: Context, url: string): UsageFault =>
  new UsageFault(
    `the context ${context.name} is for ${context.url}, not for ${url}`,
    `Make a context for it: scriptmesh context add NAME --url ${url}`,
  );

export const withoutKey = (book: ContextBook, name: string): ContextBook => ({
  ...book,
  contexts: book.contexts.map((context) =>
    context === findContext(book, name) ? { ...context, apiKey: null } : context,
  ),
});
