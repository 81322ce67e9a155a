import type { View } from '../output/view.js';
import type { Context, ContextBook } from './context-book.js';

/** A context as it is shown: never with its key. */
export interface ShownContext {
  readonly name: string;
  readonly url: string;
  readonly current: boolean;
  readonly hasKey: boolean;
}

export const showContext = ({ name, url, apiKey }: Context, { current }: ContextBook): ShownContext => ({
  name,
  url,
  current: name === current,
  hasKey: apiKey !== null,
});

export const CONTEXT_VIEW: View<ShownContext> = {
  nameOf: (context) => context.name,
  columns: [
    { head: 'name', text: (context) => context.name },
    {
      head: 'current',
      text: (context) => (context.current ? 'yes' : ''),
      paint: (shown, context, colors) => (context.current ? colors.green(shown) : shown),
    },
    { head: 'url', text: (context) => context.url },
    { head: 'key', text: (context) => (context.hasKey ? 'stored' : '') },
  ],
};
