import { readBoundedFile } from '../../manifest/index.js';
import { ManifestText } from '../manifest-text.js';

const MAX_BYTES = 1024 * 1024;

export class FileManifestText extends ManifestText {
  constructor(private readonly path: string) {
    super();
  }

  override async read(): Promise<string | undefined> {
    try {
      const read = await readBoundedFile(this.path, MAX_BYTES);
      if (typeof read === 'string') throw new Error(`the manifest ${read}`);
      return Buffer.from(read.bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
