import { describe, expect, it } from "vitest";
import { milliseconds, Narrator, shortId, summary, wrapped } from "./narrator.js";

function page(hasColours: boolean): { readonly text: () => string; readonly narrator: Narrator } {
  let written = "";
  const write = (text: string): void => {
    written += text;
  };
  return { text: () => written, narrator: new Narrator({ write, hasColours }) };
}

const arrivals = [
  { at: "B", via: "A", hops: 1, afterMs: 0.84 },
  { at: "C", via: "B", hops: 2, afterMs: 2.1 },
];

describe("Narrator", () => {
  it("tells how a message came to each, in hops and time", () => {
    const { narrator, text } = page(false);
    narrator.broadcast("A", "hello", arrivals);
    expect(text()).toContain('A says "hello"');
    expect(text()).toContain("heard by B 0.8 ms (1 hop)  C 2.1 ms (2 hops, through B)");
  });

  it("sums up what would not fit on a line", () => {
    const many = [...arrivals, ...arrivals, ...arrivals, ...arrivals];
    const { narrator, text } = page(false);
    narrator.broadcast("A", "hello", many);
    expect(text()).toContain("heard by all 8: 4 over 1 hop, 4 over 2 hops; the last after 2.1 ms");
  });

  it("uses colours only where they are shown", () => {
    const plain = page(false);
    const coloured = page(true);
    for (const { narrator } of [plain, coloured]) narrator.bad("lost");
    expect(plain.text()).toBe("lost\n");
    expect(coloured.text()).toBe("\u001b[31mlost\u001b[39m\n");
  });
});

describe("wrapped", () => {
  it("breaks a line between words, as wide as its terminal, and indents what follows", () => {
    const text = "   each of them passes on what is new to it";
    expect(wrapped(text)).toBe(text);
    expect(wrapped(text, text.length)).toBe(text);
    expect(wrapped(text, 20)).toBe("   each of them\n   passes on what is\n   new to it");
    expect(wrapped("", 20)).toBe("");
    expect(wrapped("tcp://127.0.0.1:65535", 9)).toBe("tcp://127.0.0.1:65535");
  });

  it("keeps together what single spaces part, where double ones part it too", () => {
    expect(wrapped("  B 1 ms (1 hop)  C 2 ms (1 hop)  D", 22)).toBe("  B 1 ms (1 hop)\n  C 2 ms (1 hop)  D");
  });

  it("does not count colours", () => {
    expect(wrapped("\u001b[36mab\u001b[39m \u001b[36mcd\u001b[39m", 5)).toBe(
      "\u001b[36mab\u001b[39m \u001b[36mcd\u001b[39m",
    );
  });
});

describe("milliseconds, shortId and summary", () => {
  it("are short and say their unit", () => {
    expect([0.04, 9.96, 12.3, 1234].map(milliseconds)).toEqual(["0.0 ms", "10.0 ms", "12 ms", "1.2 s"]);
    expect(shortId("6VnzrPUNY8kLJ9eX")).toBe("6VnzrPUN…");
    expect(shortId("short")).toBe("short");
    expect(summary([{ at: "B", via: "A", hops: undefined, afterMs: 1 }])).toBe(
      "1 over an unknown way; the last after 1.0 ms",
    );
  });
});
