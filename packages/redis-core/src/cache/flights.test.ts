import { expect, test, vi } from "vitest";
import { type Flight, Flights, type Landing } from "./flights.ts";

/** Flies when told: each flight departs at once and lands with what `land` is called with. */
function airline() {
  const landings: PromiseWithResolvers<Landing<string>>[] = [];
  const flown: Flight[] = [];
  const fly = vi.fn<(flight: Flight) => Promise<Landing<string>>>((flight) => {
    flight.depart();
    flown.push(flight);
    const landing = Promise.withResolvers<Landing<string>>();
    landings.push(landing);
    return landing.promise;
  });
  const land = (index: number, result: string, forAll: boolean) =>
    landings[index]?.resolve({ result, forAll });
  return { fly, land, flown };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("callers of one turn share a flight whatever its result is good for", async () => {
  const { fly, land } = airline();
  const flights = new Flights<string>();
  const callers = [1, 2, 3].map(() => flights.join("k", fly));
  await turn();
  land(0, "a", false);
  expect(await Promise.all(callers)).toEqual(["a", "a", "a"]);
  expect(fly).toHaveBeenCalledTimes(1);
});

test("who boards after departure flies again, together, unless the result is for all", async () => {
  const { fly, land } = airline();
  const flights = new Flights<string>();
  const early = flights.join("k", fly);
  await turn();
  const late = Array.from({ length: 20 }, () => flights.join("k", fly));
  land(0, "old", false);
  expect(await early).toBe("old");
  await turn();
  expect(fly).toHaveBeenCalledTimes(2);
  const later = flights.join("k", fly);
  land(1, "new", true);
  expect(new Set(await Promise.all([...late, later]))).toEqual(new Set(["new"]));
  expect(fly).toHaveBeenCalledTimes(2);
});

test("nobody boards once the doors are closed, or the key was forgotten", async () => {
  const { fly, land, flown } = airline();
  const flights = new Flights<string>();
  const first = flights.join("k", fly);
  await turn();
  flown[0]?.closeDoors();
  const second = flights.join("k", fly);
  await turn();
  flights.forget("k");
  const third = flights.join("k", fly);
  await turn();
  land(0, "1", true);
  land(1, "2", true);
  land(2, "3", true);
  expect(await Promise.all([first, second, third])).toEqual(["1", "2", "3"]);
});

test("a failure reaches everybody on board, and the next caller flies anew", async () => {
  const flights = new Flights<string>();
  const fail = () => Promise.reject(new Error("no"));
  const outcomes = await Promise.allSettled([flights.join("k", fail), flights.join("k", fail)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await flights.join("k", () => Promise.resolve({ result: "yes", forAll: false }))).toBe("yes");
});
