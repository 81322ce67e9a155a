/** Who may import whom. The direction is contracts <- libs <- apps; each rule says why it stands. */
const ORCHESTRATOR = [
  'audit',
  'access',
  'registry',
  'links',
  'legacy-calls',
  'heartbeat',
  'catalogue',
  'runs',
  'dispatch',
  'restore',
  'retention',
  'logs',
  'legacy',
  'metrics',
];
const AGENT = ['manifest', 'journal', 'link', 'execution', 'reporting', 'enrolment', 'logs', 'legacy', 'metrics'];
const NOT_TESTS = '\\.(spec|contract|e2e-spec)\\.ts$';

/** Forbids each feature the features that stand above it. */
const onlyDownwards = (app, features) =>
  features.slice(0, -1).map((feature, index) => ({
    name: `${app}-${feature}-imports-downwards`,
    comment: `Features meet only downwards; when news must flow upwards the upper feature asks or listens.`,
    severity: 'error',
    from: { path: `^apps/${app}/src/features/${feature}/` },
    to: { path: `^apps/${app}/src/features/(${features.slice(index + 1).join('|')})/` },
  }));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle means that two things are really one, or that one of them knows too much.',
      severity: 'error',
      from: { pathNot: NOT_TESTS },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'contracts-import-no-library',
      comment: 'The language must be understood without anything else of the project.',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^(libs/(?!contracts/)|apps/)' },
    },
    {
      name: 'libraries-do-not-import-programs',
      comment: 'A library that knows a program cannot serve another one.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'programs-do-not-import-each-other',
      comment: 'Programs meet on the wire, in the words of libs/contracts.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'feature-doors-only',
      comment: 'index.ts is the only door of a feature; what it does not export may change at any time.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src/(features/([^/]+)/|[^/]+$)' },
      to: {
        path: '^apps/[^/]+/src/features/[^/]+/.+',
        pathNot: ['^apps/$1/src/features/$3/', '^apps/[^/]+/src/features/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'library-doors-only',
      comment: 'index.ts is the only door of a library (contracts has a second one for the DTO classes).',
      severity: 'error',
      from: { path: '^(libs|apps)/([^/]+)/' },
      to: {
        path: '^libs/[^/]+/src/.+',
        pathNot: ['^$1/$2/', '^libs/[^/]+/src/index\\.ts$', '^libs/contracts/src/dto/index\\.ts$'],
      },
    },
    {
      name: 'no-test-code-in-programs',
      comment: 'Fakes must never be reachable from what runs in production.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [NOT_TESTS, '^libs/testing/', '/test-support/'] },
      to: { path: '^libs/testing/|/test-support/|\\.(spec|contract)\\.ts$' },
    },
    {
      name: 'agent-stays-light',
      comment: 'class-validator and swagger cost the agent 20 MB and half a second; it speaks frames, not DTOs.',
      severity: 'error',
      from: { path: '^apps/(agent|controller)/' },
      to: { path: '^libs/contracts/src/dto/|node_modules/(@nestjs/swagger|class-validator)/' },
    },
    {
      name: 'supervisor-stands-alone',
      comment: 'It outlives the agent and must be small and sure: nothing but Node and its own files is in it.',
      severity: 'error',
      from: { path: '^apps/agent/src/supervisor/', pathNot: [NOT_TESTS, '/test-support/'] },
      to: { pathNot: '^apps/agent/src/supervisor/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'failpoints-stand-alone',
      comment: 'Everything may call it, so it must know nothing.',
      severity: 'error',
      from: { path: '^libs/failpoints/', pathNot: NOT_TESTS },
      to: { pathNot: '^libs/failpoints/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'supervisor-door-only',
      comment: 'The agent speaks with the supervisor in the words of its index.ts; main.ts is a program of its own.',
      severity: 'error',
      from: { path: '^apps/agent/src/', pathNot: ['^apps/agent/src/supervisor/', NOT_TESTS, '/test-support/'] },
      to: { path: '^apps/agent/src/supervisor/', pathNot: '^apps/agent/src/supervisor/index\\.ts$' },
    },
    {
      name: 'logs-touch-no-runs',
      comment: 'Reading logs must not be able to slow or break a run.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/features/logs/' },
      to: { path: '^apps/[^/]+/src/features/(runs|dispatch|journal|execution|reporting)/' },
    },
    ...onlyDownwards('orchestrator', ORCHESTRATOR),
    ...onlyDownwards('agent', AGENT),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
