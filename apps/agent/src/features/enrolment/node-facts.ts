/** What the node is. */
export abstract class NodeFacts {
  /** Told at registration: hostname, platform, arch, Node and agent version. */
  abstract facts(): Readonly<Record<string, string>>;
  /** Another one after each reboot. */
  abstract bootId(): string;
}
