import type { Request } from 'express';

/** The part of Express 5's router that is looked at here. */
interface RouterLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** The methods that routes of this request's path have, as in `['GET', 'HEAD']`; empty when there is no such path. */
export function allowedMethods(request: Request): readonly string[] {
  const { stack } = request.app.router as unknown as { stack: readonly RouterLayer[] };
  const fitting = stack.filter((layer) => layer.route && matches(layer, request.path));
  const methods = new Set(
    fitting.flatMap((layer) => Object.keys(layer.route?.methods ?? {})).map((method) => method.toUpperCase()),
  );
  if (methods.has('GET')) methods.add('HEAD');
  return methods.has(request.method) ? [] : [...methods].filter((method) => method !== '_ALL').sort();
}

function matches(layer: RouterLayer, path: string): boolean {
  try {
    return layer.match(path);
  } catch {
    return false; // An escape in the path that is none; told as malformed elsewhere.
  }
}
