/** Room on the spool's disk. */
export abstract class SpoolSpace {
  /** Bytes free for this program; null where that cannot be told. */
  abstract diskFree(): Promise<number | null>;
  /** Bytes of output that wait in the folders of open runs. */
  abstract spoolBytes(): Promise<number>;
}
