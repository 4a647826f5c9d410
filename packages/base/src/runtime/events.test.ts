import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { Emitter } from "./events.js";

interface Events {
  message: [text: string, from: number];
  closing: [];
  error: [error: Error];
}

function emitterOf(onUnheard?: (error: Error) => void): Emitter<Events> {
  return new Emitter<Events>("of a test", { message: true, closing: true, error: true }, onUnheard);
}

describe("Emitter", () => {
  test("calls listeners in order with the arguments, and says whether there were any", () => {
    const emitter = emitterOf();
    const seen: string[] = [];
    expect(emitter.emit("message", "nobody", 0)).toBe(false);
    emitter.on("message", (text, from) => seen.push(`a ${text} ${from}`));
    emitter.on("message", (text) => seen.push(`b ${text}`));
    expect(emitter.has("message")).toBe(true);
    expect(emitter.emit("message", "hello", 7)).toBe(true);
    expect(seen).toEqual(["a hello 7", "b hello"]);
  });

  test("once, off, the returned function and a signal each remove a listener", () => {
    const emitter = emitterOf();
    const seen: string[] = [];
    const kept = (): number => seen.push("kept");
    emitter.once("closing", () => seen.push("once"));
    const remove = emitter.on("closing", () => seen.push("removed"));
    const controller = new AbortController();
    emitter.on("closing", () => seen.push("signal"), { signal: controller.signal });
    emitter.on("closing", () => seen.push("aborted"), { signal: AbortSignal.abort() });
    emitter.on("closing", kept);
    emitter.emit("closing");
    expect(seen).toEqual(["once", "removed", "signal", "kept"]);
    remove();
    remove();
    controller.abort();
    emitter.emit("closing");
    expect(seen.slice(4)).toEqual(["kept"]);
    emitter.off("closing", kept);
    expect(emitter.has("closing")).toBe(false);
    emitter.on("closing", kept);
    emitter.off("closing");
    emitter.on("message", () => {});
    emitter.clear();
    expect(emitter.has("closing") || emitter.has("message")).toBe(false);
  });

  test("a listener may add and remove listeners while an event is out", () => {
    const emitter = emitterOf();
    const seen: string[] = [];
    const second = (): number => seen.push("second");
    emitter.on("closing", () => {
      emitter.off("closing", second);
      emitter.on("closing", () => seen.push("added"));
    });
    emitter.on("closing", second);
    emitter.emit("closing");
    expect(seen).toEqual(["second"]);
  });

  test("[BASE-114] a listener that throws or rejects is reported as event error, and disturbs nobody", async () => {
    const emitter = emitterOf();
    const errors: Error[] = [];
    const seen: string[] = [];
    emitter.on("error", (error) => errors.push(error));
    emitter.on("closing", () => {
      throw new Error("thrown");
    });
    emitter.on("closing", async () => {
      throw new Error("rejected");
    });
    emitter.on("closing", () => seen.push("next"));
    emitter.emit("closing");
    await Promise.resolve();
    expect(seen).toEqual(["next"]);
    expect(errors.map((error) => (error instanceof BaseError ? error.code : ""))).toEqual([
      "listener-failed",
      "listener-failed",
    ]);
    expect(errors.map((error) => error.cause)).toEqual([new Error("thrown"), new Error("rejected")]);
    expect(errors[0]?.message).toContain("closing");
  });

  test("[BASE-114] errors that nobody hears, and errors of error listeners, go to onUnheard; none is thrown", async () => {
    const unheard: Error[] = [];
    const emitter = emitterOf((error) => unheard.push(error));
    emitter.emit("error", new Error("first"));
    emitter.on("closing", () => {
      throw new Error("second");
    });
    emitter.emit("closing");
    emitter.once("error", () => {
      throw new Error("third");
    });
    emitter.emit("closing");
    emitter.once("error", async () => {
      throw new Error("fourth");
    });
    emitter.emit("closing");
    await Promise.resolve();
    expect(unheard.map((error) => error.cause ?? error).map(String)).toEqual([
      "Error: first",
      "Error: second",
      "Error: third",
      "Error: fourth",
    ]);
    const silent = emitterOf();
    expect(silent.emit("error", new Error("fifth"))).toBe(false);
  });

  test("a listener that is no function is the caller's mistake", () => {
    const emitter = emitterOf();
    // What a caller without types may pass.
    expect(() => emitter.on("closing", undefined as unknown as () => void)).toThrow(TypeError);
  });

  test("an event that there is not is the caller's mistake, told with the nearest that there is", () => {
    const emitter = emitterOf();
    // What a caller without types may pass.
    for (const name of ["mesage", "constructor", "__proto__", ""] as unknown as "message"[]) {
      expect(() => emitter.on(name, () => {}), name).toThrow(TypeError);
      expect(() => emitter.once(name, () => {}), name).toThrow(TypeError);
      expect(() => emitter.off(name), name).toThrow(TypeError);
    }
    const misspelt = "mesage" as unknown as "message";
    expect(() => emitter.on(misspelt, () => {})).toThrow(
      'there is no event "mesage" of a test; the nearest is "message"',
    );
  });
});
