/** Where the files of a log are. Only the root may be reached by a link: what is below it is taken as it stands. */
export interface LogSource {
  readonly name: string;
  readonly description: string | null;
  /** Absolute path of a folder of the owner's choice. */
  readonly root: string;
  /** The folders from the root down to the files. */
  readonly folders: readonly string[];
  /** A file name; `*` stands for any characters and `?` for one. */
  readonly pattern: string;
  /** Only so many bytes at the end of each file are shown. */
  readonly maxBytes: number;
}
