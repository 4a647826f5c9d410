import { expect, test } from "vitest";
import { Trace } from "./diagnostics.js";

test("[BASE-161] a trace is active only while somebody subscribes", () => {
  const trace = new Trace<string>();
  const seen: string[] = [];
  const subscriber = (event: string): number => seen.push(event);
  expect(trace.isActive).toBe(false);
  trace.publish("lost");
  const endFirst = trace.subscribe(subscriber);
  const endSecond = trace.subscribe(subscriber);
  expect(trace.isActive).toBe(true);
  trace.publish("twice");
  endFirst();
  endFirst();
  trace.publish("once");
  endSecond();
  trace.publish("lost");
  expect(seen).toEqual(["twice", "twice", "once"]);
  expect(trace.isActive).toBe(false);
});

test("[BASE-161] a subscriber that throws disturbs neither the node nor other subscribers", () => {
  const trace = new Trace<string>();
  const seen: string[] = [];
  trace.subscribe(() => {
    throw new Error("observer");
  });
  trace.subscribe((event) => seen.push(event));
  trace.publish("event");
  expect(seen).toEqual(["event"]);
  expect(() => trace.subscribe(undefined as unknown as () => void)).toThrow(TypeError);
});
