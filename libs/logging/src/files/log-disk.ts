/** What is in a file of lines now. */
export interface LogFileState {
  readonly bytes: number;
  /** The first letters of its first line: the day, in a file of ours. */
  readonly beginning: string;
  readonly modifiedMs: number;
}

export interface LogFolderEntry {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/**
 * The disk under the log files, as a port, so that tests can fill it and slow it down.
 * No method follows a symbolic link in place of a file. All throw what the file system throws, unless told otherwise.
 */
export abstract class LogDisk {
  /** Makes the folder for its owner only; one that is there stays as it is. */
  abstract makeFolder(path: string): Promise<void>;
  /** Undefined when there is no such file. */
  abstract look(path: string): Promise<LogFileState | undefined>;
  /**
   * Writes at the end of the file, in one piece where other processes append too; makes it when it is missing.
   * @returns how many bytes were taken; fewer than given when the disk has become full
   */
  abstract append(path: string, bytes: Uint8Array): Promise<number>;
  /** The same at once, for the last words of a process. */
  abstract appendNow(path: string, bytes: Uint8Array): void;
  /** Files of the folder, in no order; none when there is no folder. */
  abstract list(folder: string): Promise<readonly LogFolderEntry[]>;
  /** Makes an empty file; false when the name is taken, by another process perhaps. */
  abstract claim(path: string): Promise<boolean>;
  /** Replaces what has the name `to`; false when there is no `from`, because another process was faster. */
  abstract rename(from: string, to: string): Promise<boolean>;
  /** Puts `<path>.gz` in the place of the file. Does nothing while another process is at it, or when the file is gone. */
  abstract compress(path: string): Promise<void>;
  /** Does nothing when it is gone already. */
  abstract remove(path: string): Promise<void>;
}
