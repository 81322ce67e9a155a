/**
 * Dispatch hands queued runs to agents and notices when an agent does not take one.
 * It does not decide whether a script may run (the agent's manifest does) nor keep results (runs does).
 * Called by its own wake-ups and by runs through the DispatchGate; nothing imports it.
 */
import { Module } from '@nestjs/common';
import { HeartbeatModule } from '../heartbeat/index.js';
import { LegacyCallsModule } from '../legacy-calls/index.js';
import { LinksModule } from '../links/index.js';
import { RegistryModule } from '../registry/index.js';
import { RunsModule } from '../runs/index.js';
import { AgentPump, PumpSurroundings } from './agent-pump.js';
import { AgentSlots } from './agent-slots.js';
import { BusyAnswers } from './busy-answers.js';
import { CancelSender, CancelSurroundings } from './cancel-sender.js';
import { Claims } from './claims.js';
import { DispatchGates, DispatchService, DispatchWakes, PumpWaker, RunsInView } from './dispatch.service.js';
import { DispatchStrategies } from './dispatch-strategies.js';
import { LegacyDoors } from './legacy/legacy-doors.js';
import { EndSurroundings, LegacyEnds } from './legacy/legacy-ends.js';
import { LegacyFlights } from './legacy/legacy-flights.js';
import { LeaseSurroundings, LegacyLeases } from './legacy/legacy-leases.js';
import { LegacyStrategy } from './legacy/legacy-strategy.js';
import { OfferSender, SenderSurroundings } from './offer-sender.js';
import { OfferStrategy } from './offer-strategy.js';
import { Overdue, OverdueSurroundings } from './overdue.js';
import { ReachedAgents } from './reached-agents.js';
import { Reconcile, ReconcileSurroundings } from './reconcile.js';
import { ReconcileSchedule } from './reconcile-schedule.js';
import { RunMessages } from './run-messages.js';
import { SilenceWindow } from './silence-window.js';
import { TurnMessages, TurnSurroundings } from './turn-messages.js';

@Module({
  imports: [HeartbeatModule, LegacyCallsModule, LinksModule, RegistryModule, RunsModule],
  providers: [
    AgentPump,
    AgentSlots,
    BusyAnswers,
    CancelSender,
    CancelSurroundings,
    Claims,
    DispatchGates,
    DispatchService,
    DispatchStrategies,
    DispatchWakes,
    EndSurroundings,
    LeaseSurroundings,
    LegacyDoors,
    LegacyEnds,
    LegacyFlights,
    LegacyLeases,
    LegacyStrategy,
    OfferSender,
    OfferStrategy,
    Overdue,
    OverdueSurroundings,
    PumpSurroundings,
    Reconcile,
    ReconcileSchedule,
    ReconcileSurroundings,
    { provide: ReachedAgents, useClass: PumpWaker },
    RunMessages,
    RunsInView,
    SenderSurroundings,
    SilenceWindow,
    TurnMessages,
    TurnSurroundings,
  ],
  exports: [ReachedAgents],
})
export class DispatchModule {}
