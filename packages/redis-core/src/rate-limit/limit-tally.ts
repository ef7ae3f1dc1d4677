interface Counts {
  allowed: number;
  denied: number;
  readonly byIdentity: Map<string, number>;
}

/** Decisions counted in this process, with at most `most` denied identities of each rule. */
export class Tally<Rule extends string> {
  readonly #most: number;
  readonly #rules = new Map<Rule, Counts>();

  constructor(most: number) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#rules.size === 0;
  }

  add(rule: Rule, identity: string, allowed: boolean): void {
    const counts = this.#countsOf(rule);
    if (allowed) {
      counts.allowed += 1;
    } else {
      counts.denied += 1;
      this.#addIdentity(counts, identity, 1);
    }
  }

  merge(other: Tally<Rule>): void {
    for (const [rule, { allowed, denied, byIdentity }] of other.#rules) {
      const counts = this.#countsOf(rule);
      counts.allowed += allowed;
      counts.denied += denied;
      for (const [identity, times] of byIdentity) {
        this.#addIdentity(counts, identity, times);
      }
    }
  }

  /** Of each rule what `record.lua` takes: allowed, denied, number of identities, and each with its count. */
  *args(): Generator<[rule: Rule, args: (string | number)[]]> {
    for (const [rule, { allowed, denied, byIdentity }] of this.#rules) {
      yield [rule, [allowed, denied, byIdentity.size, ...[...byIdentity].flat()]];
    }
  }

  #countsOf(rule: Rule): Counts {
    let counts = this.#rules.get(rule);
    if (!counts) {
      counts = { allowed: 0, denied: 0, byIdentity: new Map() };
      this.#rules.set(rule, counts);
    }
    return counts;
  }

  #addIdentity({ byIdentity }: Counts, identity: string, times: number): void {
    const before = byIdentity.get(identity);
    if (before !== undefined || byIdentity.size < this.#most) {
      byIdentity.set(identity, (before ?? 0) + times);
    }
  }
}
