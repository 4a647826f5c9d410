import { describe, expect, test } from "vitest";
import { checkOptions, isNameOf, nearestName, takeOptions } from "./known-names.js";

describe("names that are known", () => {
  const known = { listen: true, limits: true, requestLimits: true } as const;

  test("pass, whatever their values, and whichever are left out", () => {
    expect(() => checkOptions("of a node", known, { listen: [], limits: undefined })).not.toThrow();
    expect(() => checkOptions("of a node", known, {})).not.toThrow();
  });

  test("are not what every object has", () => {
    expect(isNameOf(known, "listen")).toBe(true);
    for (const name of ["constructor", "toString", "__proto__", 7, Symbol("listen")])
      expect(isNameOf(known, name), String(name)).toBe(false);
    expect(() => checkOptions("of a node", known, JSON.parse('{"__proto__": 1}') as object)).toThrow(TypeError);
  });

  test.each([
    ["lisen", "listen"],
    ["Listen", "listen"],
    ["requestlimit", "requestLimits"],
    ["limit", "limits"],
    ["ilsten", "listen"],
  ])("are named to who misspells one: %s", (wrong, right) => {
    const call = (): void => checkOptions("of a node", known, { [wrong]: 1 });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(`there is no option "${wrong}" of a node; the nearest is "${right}"`);
  });

  test("are all that is taken for what knows no others", () => {
    const options: { listen: number; limits?: number } = { listen: 1, ...{ bootstrap: 2 } };
    expect(takeOptions<typeof options>({ listen: true, limits: true }, options)).toEqual({ listen: 1 });
  });

  test("a name of any length is compared in little time, and told in short", () => {
    const long = "x".repeat(1_000_000);
    expect(nearestName(long, ["listen", "limits"])).toBe("listen");
    expect(() => checkOptions("of a node", known, { [long]: 1 })).toThrow(/^.{1,120}$/);
  });
});
