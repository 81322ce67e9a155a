import type { FileResource } from '@scriptmesh/contracts';
import type { View } from '../../output/view.js';

export const FILE_VIEW: View<FileResource> = {
  nameOf: (file) => file.path,
  columns: [
    { head: 'path', text: (file) => (file.kind === 'folder' ? `${file.path}/` : file.path) },
    { head: 'bytes', text: (file) => String(file.bytes ?? '') },
    { head: 'modified', text: (file) => file.modifiedAt },
  ],
};
