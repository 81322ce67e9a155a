import { parseFailpoints, type ArmedPoint } from '@scriptmesh/failpoints';
import type { Parser } from './parse-values.js';

export const failpointList: Parser<readonly ArmedPoint[]> = {
  accepts: '`<point>:kill`, `<point>:error` or `<point>:delay`, several by commas',
  parse: (given) => {
    const points = parseFailpoints(given);
    if (typeof points !== 'string') return { value: points };
    return { problem: points, remedy: 'The points stand in libs/failpoints/src/catalogue.ts' };
  },
};
