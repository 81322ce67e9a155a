import type { CatalogueScriptResource, ScriptResource } from '@scriptmesh/contracts';
import type { View } from '../../output/view.js';

export const CATALOGUE_VIEW: View<CatalogueScriptResource> = {
  nameOf: (script) => script.name,
  columns: [
    { head: 'name', text: (script) => script.name },
    { head: 'agents', text: (script) => script.agents.join(',') },
    { head: 'description', text: (script) => script.description ?? '' },
  ],
};

export const AGENT_SCRIPT_VIEW: View<ScriptResource> = {
  nameOf: (script) => script.name,
  columns: [
    { head: 'name', text: (script) => script.name },
    { head: 'path', text: (script) => script.path },
    { head: 'timeout', text: (script) => (script.timeoutSeconds === null ? '' : `${script.timeoutSeconds} s`) },
    {
      head: 'problem',
      text: (script) => script.problem ?? '',
      paint: (shown, script, colors) => (script.problem === null ? shown : colors.red(shown)),
    },
    { head: 'description', text: (script) => script.description ?? '' },
  ],
};
