export { FilesModule } from './files.module.js';
export { TextFiles } from './text-files.js';
