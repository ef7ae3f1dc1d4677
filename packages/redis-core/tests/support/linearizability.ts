/** What one call did, seen from outside, on one monotonic clock. */
export interface Operation<Call, Result> {
  readonly call: Call;
  readonly startedAt: number;
  /** Infinity for a call whose outcome is unknown: it may take effect at any time after its start, or never. */
  readonly endedAt: number;
  /** Undefined for a call whose outcome is unknown. */
  readonly result: Result | undefined;
}

/** The thing under test, as if one call ran after the other. States are never changed, only replaced. */
export interface SequentialModel<State, Call, Result> {
  readonly initial: State;
  apply(state: State, call: Call): { readonly state: State; readonly result: Result };
}

/**
 * Looks for an order of the calls that explains a history: each confirmed call once, each unknown one at most once,
 * none before a call that had ended when it began, and every result as the model says. That is linearizability
 * (Herlihy and Wing 1990), searched for as Wing and Gong (1993) do, with the memory of Lowe (2017): a set of calls
 * done and a state that led nowhere once are not tried again. Gives the order as indexes, or null for none.
 */
export function findLinearization<State, Call, Result>(
  model: SequentialModel<State, Call, Result>,
  history: readonly Operation<Call, Result>[],
): number[] | null {
  const ordered = history.map((operation, index) => ({ ...operation, index }));
  ordered.sort((a, b) => a.startedAt - b.startedAt);
  const confirmed = ordered.filter(({ result }) => result !== undefined).length;
  const isDone = ordered.map(() => false);
  const deadEnds = new Set<string>();
  const order: number[] = [];

  const search = (state: State, done: number): boolean => {
    if (done === confirmed) {
      return true;
    }
    const key = `${isDone.map(Number).join("")} ${JSON.stringify(state)}`;
    if (deadEnds.has(key)) {
      return false;
    }
    const firstEnd = Math.min(...ordered.map(({ endedAt }, at) => (isDone[at] ? Number.POSITIVE_INFINITY : endedAt)));
    for (const [at, { call, startedAt, result, index }] of ordered.entries()) {
      if (startedAt > firstEnd) {
        break;
      }
      if (isDone[at]) {
        continue;
      }
      const next = model.apply(state, call);
      if (result !== undefined && JSON.stringify(next.result) !== JSON.stringify(result)) {
        continue;
      }
      isDone[at] = true;
      order.push(index);
      if (search(next.state, done + (result === undefined ? 0 : 1))) {
        return true;
      }
      order.pop();
      isDone[at] = false;
    }
    deadEnds.add(key);
    return false;
  };
  return search(model.initial, 0) ? order : null;
}
