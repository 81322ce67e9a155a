import { Violation } from './check-history.js';
import type { History } from './history.js';
import { Planting, type PlantedBug } from './planting.js';
import { takeStep } from './take-step.js';
import { World } from './world.js';
import type { StoreTemplate } from './world-store.js';

export interface Played {
  /** undefined when all held */
  readonly violation: Violation | undefined;
  /** Whether the planted bug made the programs do anything else than they do. */
  readonly isReached: boolean;
}

/** Plays one history to its end, or to the violation that it shows. */
export async function playHistory(history: History, template: StoreTemplate, bug?: PlantedBug): Promise<Played> {
  const world = new World(history.seed, template);
  const planting = new Planting();
  const violation = await play(world, history, () => bug?.plant(planting, world)).finally(() => planting.undoAll());
  return { violation, isReached: planting.isReached };
}

async function play(world: World, history: History, plant: () => void): Promise<Violation | undefined> {
  try {
    plant();
    if (history.isDirected) world.network.mode = 'through';
    await world.open();
    for (const step of history.steps) {
      await takeStep(world, step, history);
      await world.check();
    }
    await world.heal();
    return undefined;
  } catch (error) {
    if (error instanceof Violation) return error;
    throw error;
  } finally {
    await world.close();
  }
}
