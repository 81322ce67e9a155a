import type { LogResource } from '@scriptmesh/contracts';
import type { View } from '../../output/view.js';

export const LOG_VIEW: View<LogResource> = {
  nameOf: (log) => log.name,
  columns: [
    { head: 'name', text: (log) => log.name },
    { head: 'files', text: (log) => String(log.files.length) },
    { head: 'newest', text: (log) => log.files[0]?.name ?? '' },
    { head: 'bytes', text: (log) => String(log.files[0]?.bytes ?? '') },
    { head: 'modified', text: (log) => log.files[0]?.modifiedAt ?? '' },
    { head: 'description', text: (log) => log.description ?? '' },
    {
      head: 'problem',
      text: (log) => log.problem ?? '',
      paint: (shown, log, colors) => (log.problem ? colors.yellow(shown) : shown),
    },
  ],
};
