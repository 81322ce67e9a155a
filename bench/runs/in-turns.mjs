/**
 * Does the work `count` times, `atOnce` at the same time (a closed loop).
 * @param {number} count @param {number} atOnce @param {(n: number) => Promise<unknown>} work
 * @returns {Promise<{ samples: number[], tookMs: number }>} milliseconds of each, and of all together
 */
export async function inTurns(count, atOnce, work) {
  const samples = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const began = performance.now();
      await work(n);
      samples.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { samples, tookMs: performance.now() - began };
}
