/** How much log files may take on the disk. */
export interface LogBounds {
  /** Dated files, compressed ones and parts of a day included; the current file is not counted. */
  readonly maxFiles: number;
  /** All files of the program together, the current one included. */
  readonly maxBytes: number;
}

/** The current file is cut when it would pass this share of all bytes: the flood of one hour leaves room for the days before. */
const CURRENT_SHARE = 1 / 8;

export const maxCurrentBytes = ({ maxBytes }: LogBounds): number => Math.floor(maxBytes * CURRENT_SHARE);
