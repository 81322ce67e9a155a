const GROUP_WRITABLE = 0o020;
const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;
const ROOT = 0;

interface Ownership {
  /** The mode bits of stat. */
  readonly mode: number;
  readonly uid: number;
  readonly isFolder: boolean;
}

type Verdict = { readonly is: 'fine' } | { readonly is: 'warning' | 'refusal'; readonly why: string };

/**
 * Judges one file or folder as sshd's StrictModes does: whoever else can write it decides what runs here.
 * It looks at the bits and not at what the agent itself may do, so the answer is the same for root.
 * @param isLegacy for an entry in the 0.2 form group-writable is a warning only, as its nodes were set up so
 */
export function judgePermissions(of: Ownership, agentUid: number, isLegacy: boolean): Verdict {
  if (of.uid !== ROOT && of.uid !== agentUid) {
    return { is: 'refusal', why: `belongs to user ${of.uid}, neither to root nor to the agent's user (${agentUid})` };
  }
  // In a sticky folder of root's, as /tmp, others can add files but not replace ours.
  if (of.isFolder && of.uid === ROOT && of.mode & STICKY) return { is: 'fine' };
  if (of.mode & WORLD_WRITABLE) return { is: 'refusal', why: 'can be written by everyone' };
  if (of.mode & GROUP_WRITABLE) return { is: isLegacy ? 'warning' : 'refusal', why: 'can be written by its group' };
  return { is: 'fine' };
}
