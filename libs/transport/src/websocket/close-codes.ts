/** Why a side closes a socket. 4000 and above are ours; the others stand in RFC 6455, section 7.4.1. */
export const CLOSE = {
  goingAway: 1001,
  protocolError: 1002,
  notBinary: 1003,
  /** Does not read what it is sent. */
  overloaded: 1013,
  /** The orchestrator no longer knows the agent. */
  forgotten: 4401,
  /** The same agent has opened a newer socket. */
  replaced: 4409,
} as const;
