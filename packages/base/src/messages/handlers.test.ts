import { expect, test } from "vitest";
import { Handlers } from "./handlers.js";

test("[BASE-206] a handler takes its type, the handler of * every other", () => {
  const handlers = new Handlers();
  const chat = () => 1;
  const rest = () => 2;
  expect(handlers.get("chat")).toBeUndefined();
  handlers.set("chat", chat);
  const unbind = handlers.set("*", rest);
  expect([handlers.get("chat"), handlers.get("other")]).toEqual([chat, rest]);
  unbind();
  expect(handlers.get("other")).toBeUndefined();
});

test("[BASE-206] a type has one handler; unbinding an old one leaves the new one", () => {
  const handlers = new Handlers();
  const unbind = handlers.set("chat", () => 1);
  expect(() => handlers.set("chat", () => 2)).toThrow(RangeError);
  unbind();
  const second = () => 2;
  handlers.set("chat", second);
  unbind();
  expect(handlers.get("chat")).toBe(second);
  handlers.clear();
  expect(handlers.get("chat")).toBeUndefined();
});

test("a mistake in the arguments is a TypeError or RangeError at once", () => {
  const handlers = new Handlers();
  expect(() => handlers.set("", () => 1)).toThrow(RangeError);
  expect(() => handlers.set("x", undefined as never)).toThrow(TypeError);
  expect(() => handlers.set(7 as never, () => 1)).toThrow(TypeError);
});
