/** The few disk operations that the journal's promises are made of; tests let any one of them fail. */
export abstract class SpoolDisk {
  /** 0700; one that is there already stays. */
  abstract makeFolder(path: string): Promise<void>;
  /** Writes a new file (0600) whole, in place of one that is there; with `durable` its bytes survive a power cut. */
  abstract writeFile(path: string, content: string | Uint8Array, options: { durable: boolean }): Promise<void>;
  /** Gives a file a second name. @throws EEXIST when the name is taken */
  abstract link(from: string, to: string): Promise<void>;
  /** Moves a file to a name, in place of what is there. */
  abstract rename(from: string, to: string): Promise<void>;
  /** A file that is not there is fine. */
  abstract remove(path: string): Promise<void>;
  /** These files of the folder, which are there, in no order. Nothing else waits while it is done. */
  abstract removeAll(folder: string, names: readonly string[]): Promise<void>;
  abstract removeFolder(path: string): Promise<void>;
  abstract listNames(folder: string): Promise<readonly string[]>;
  /** Names made, moved and removed in the folder survive a power cut. */
  abstract syncFolder(path: string): Promise<void>;
}
