/** Base units and what else a name may end with. */
const UNITS = /_(seconds|bytes|ratio|info|timestamp_seconds|percent)$/;
const NOT_BASE = /_(ms|milliseconds|minutes|hours|days|kb|kilobytes|megabytes|mb|kib|mib)(_|$)/;
const NAME = /^(scriptmesh|nodejs|process)_[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
/** Labels whose values are bounded by this program, and those of prom-client's own metrics. */
const LABELS = new Set(
  (
    'direction liveness method origin program reason result route script state status stream transport verdict version ' +
    'le quantile major minor patch kind space type'
  ).split(' '),
);
const MOST_SERIES = 1000;

interface Family {
  readonly name: string;
  type: string;
  help: string;
  readonly labels: Set<string>;
  series: number;
}

/** @param text in Prometheus' text format @returns the names of all metrics in it */
export const metricNames = (text: string): readonly string[] => [...familiesOf(text).keys()];

/** The value of one series, as in `scriptmesh_runs{state="queued"}`; 0 when it is not there. */
export function metricValue(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

/** What is wrong with the names, units, labels and words of a program's metrics, by Prometheus' rules and ours. */
export function lintMetrics(text: string): readonly string[] {
  return [...familiesOf(text).values()].flatMap((family) =>
    faultsOf(family).map((fault) => `${family.name}: ${fault}`),
  );
}

function faultsOf({ name, type, help, labels, series }: Family): readonly string[] {
  const isOurs = name.startsWith('scriptmesh_');
  const strange = [...labels].filter((label) => !LABELS.has(label));
  const checks: readonly [isFaulty: boolean, fault: string][] = [
    [!NAME.test(name), 'is not a name in lower case with a known prefix'],
    [type === '', 'has no type'],
    [help.trim() === '', 'has no help'],
    [isOurs && !/[.]$/.test(help), 'has help that is no sentence'],
    [(type === 'counter') !== name.endsWith('_total'), `is a ${type}: counters, and only they, end with _total`],
    [type === 'histogram' && !UNITS.test(name), 'is a histogram without a base unit in its name'],
    [/_(count|sum|bucket)$/.test(name), 'ends like a part of a histogram'],
    [NOT_BASE.test(name), 'has a unit that is no base unit'],
    [new RegExp(`_${type}(_|$)`).test(name), 'names its type'],
    [strange.length > 0, `has labels that are not on the list: ${strange.join(', ')}`],
    [series > MOST_SERIES, `has ${series} series`],
  ];
  return checks.filter(([isFaulty]) => isFaulty).map(([, fault]) => fault);
}

function familiesOf(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const get = (name: string): Family => {
    const family = families.get(name) ?? { name, type: '', help: '', labels: new Set(), series: 0 };
    families.set(name, family);
    return family;
  };
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (kind === 'HELP') get(name).help = rest;
    else if (kind === 'TYPE') get(name).type = rest;
    else if (line !== '') noteSeries(families, get, line);
  }
  return families;
}

function noteSeries(families: ReadonlyMap<string, Family>, get: (name: string) => Family, line: string): void {
  const [, sample = '', labels = ''] = /^([A-Za-z0-9_:]+)(?:\{(.*)\})? /.exec(line) ?? [];
  const base = sample.replace(/_(bucket|sum|count)$/, '');
  const family = get(families.has(sample) ? sample : base);
  family.series += 1;
  for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) family.labels.add(label);
}
