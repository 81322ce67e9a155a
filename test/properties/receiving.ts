import type { FromAgentKind, Of, ToAgentHeader, ToAgentKind } from '@scriptmesh/contracts';
import type { FolderJournal } from '../../apps/agent/src/features/journal/adapters/folder-journal.js';
import { OrchestratorMail, type Outgoing } from '../../apps/agent/src/features/link/index.js';
import { FrameAgentLinks } from '../../apps/orchestrator/src/features/links/frame-agent-links.js';
import type { MessageHandler } from '../../apps/orchestrator/src/features/links/index.js';
import type { Planting } from './planting.js';

export type Handler<K extends ToAgentKind> = (header: Of<ToAgentHeader, K>) => Promise<readonly Outgoing[]>;

/** The journal behind the mail, which every object of one agent shares. */
const journalOf = (mail: OrchestratorMail): FolderJournal =>
  (mail as unknown as { readonly seal: { readonly journal: FolderJournal } }).seal.journal;

/** Puts something before or in place of the handler of one kind of message. */
export function receivingFromOrchestrator<K extends ToAgentKind>(
  planting: Planting,
  kind: K,
  make: (real: Handler<K>, journal: FolderJournal) => Handler<K>,
): void {
  planting.aroundSilently(
    OrchestratorMail,
    'handle',
    (real, self) =>
      ((of: ToAgentKind, handler: Handler<never>) =>
        real(
          of,
          (of === kind
            ? planting.watched(handler as unknown as Handler<K>, (noted) => make(noted, journalOf(self())))
            : handler) as never,
        )) as never,
  );
}

/** Puts something before or in place of the handlers of one kind of message. */
export function receivingFromAgent(
  planting: Planting,
  kind: FromAgentKind,
  make: (real: MessageHandler) => MessageHandler,
): void {
  planting.aroundSilently(
    FrameAgentLinks,
    'handle',
    (real) => (kinds, handler) => real(kinds, kinds.includes(kind) ? planting.watched(handler, make) : handler),
  );
}
