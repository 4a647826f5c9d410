// The examples do what they say: each is run, and what it prints is compared.
import { readdirSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";

/** Lines that each prints, in an order that does not matter where two nodes talk at once. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "bounce.ts": [
    "what time is it? the desk says: noon",
    "may I come in? refused (closed): come back tomorrow",
    'what is it all about? the expert says: the answer to "what is it all about?" is 42',
  ],
  "one-callback.ts": [
    "ann: inboundConnected",
    'ann: message {"text":"hello","at":[1,2,3]}',
    "ann: inboundDisconnected",
    "ann: closing",
    "bob: outboundConnected",
    "bob: closing",
    "bob: outboundDisconnected",
  ],
  "subclass.ts": ["bob reads: WELCOME TO ANN'S ROOM", "bob asked who is there: ann"],
};

afterEach(() => {
  vi.restoreAllMocks();
});

test("every example has an expectation", () => {
  const names = readdirSync(new URL("../examples/", import.meta.url)).filter((name) => name.endsWith(".ts"));
  expect(names.toSorted()).toEqual(Object.keys(expected));
});

test.each(Object.entries(expected))("%s", async (name, lines) => {
  const printed: unknown[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => printed.push(line));
  await import(new URL(`../examples/${name}`, import.meta.url).href);
  expect(printed.toSorted()).toEqual([...lines].toSorted());
});
