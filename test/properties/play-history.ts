import { Violation } from './check-history.js';
import type { History } from './history.js';
import { Planting, type PlantedBug } from './planting.js';
import { takeStep } from './take-step.js';
import { World } from './world.js';
import type { StoreTemplate } from './world-store.js';

/** Plays one history to its end. @returns the violation that it shows; undefined when all held */
export async function playHistory(
  history: History,
  template: StoreTemplate,
  bug?: PlantedBug,
): Promise<Violation | undefined> {
  const world = new World(history.seed, template);
  const planting = new Planting();
  try {
    bug?.plant(planting, world);
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
    planting.undoAll();
  }
}
