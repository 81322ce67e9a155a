import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** Who may call a route. A route that says nothing is for operators: deny by default. */
export type AccessLevel = 'open' | 'operator' | 'agent' | 'registrant';
export const ACCESS_LEVEL = 'scriptmesh:access-level';

/** No key needed. The list of such routes is fixed in DESIGN section 7 and checked by a test. */
export const Open = (): CustomDecorator => SetMetadata(ACCESS_LEVEL, 'open' satisfies AccessLevel);
/** Only an agent with its own key; the guard compares the `:agentId` of the path with the key's owner. */
export const AgentOnly = (): CustomDecorator => SetMetadata(ACCESS_LEVEL, 'agent' satisfies AccessLevel);
/** An operator, or an agent with its own key that registers itself again. */
export const Registrant = (): CustomDecorator => SetMetadata(ACCESS_LEVEL, 'registrant' satisfies AccessLevel);
