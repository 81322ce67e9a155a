import { FAILPOINTS, programOf, type FailingProgram, type FailpointName } from '@scriptmesh/failpoints';

/** Arms, does what passes the point, and answers with how the run ended (FailingMesh.endOf). */
export type Scenario = (armed: string) => Promise<string>;
/** What is done at a point, and how the run has to end. */
export type Case = readonly [Scenario, string];

/** One for each point of the catalogue: one that is missing does not compile. */
export type Cases<P extends FailingProgram> = Readonly<
  Record<{ [N in FailpointName]: (typeof FAILPOINTS)[N][0] extends P ? N : never }[FailpointName], Case>
>;

/** The points of a program with what happens there and their cases, as rows for it.each. */
export function rowsOf<P extends FailingProgram>(
  program: P,
  cases: Cases<P>,
): readonly (readonly [name: FailpointName, says: string, scenario: Scenario, end: string])[] {
  const names = (Object.keys(FAILPOINTS) as FailpointName[]).filter((name) => programOf(name) === program);
  return names.map((name) => [name, FAILPOINTS[name][1], ...((cases as Readonly<Record<string, Case>>)[name] as Case)]);
}
