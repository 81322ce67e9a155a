export { AgentLinks, type Incoming, type MessageHandler, type Outgoing, type WaitingMessages } from './agent-links.js';
export { LinksModule } from './links.module.js';
export { StoreWatch } from './store-watch.js';
