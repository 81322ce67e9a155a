/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Chance {
  constructor(private seed: number) {}

  fraction(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  is(probability: number): boolean {
    return this.fraction() < probability;
  }
  below(n: number): number {
    return Math.floor(this.fraction() * n);
  }
}
