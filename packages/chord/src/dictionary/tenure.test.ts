import { describe, expect, test } from "vitest";
import type { PositionRange } from "../ring-access.js";
import { Tenure } from "./tenure.js";

const at = (first: number) => Uint8Array.from({ length: 48 }, (_, n) => (n === 0 ? first : 0));
const range = (after: number, upTo: number): PositionRange => ({ after: at(after), upTo: at(upTo) });
const late = 12_000;

/** A node at 100 that was handed the range from 50 on, all of it known. */
function settled(): Tenure {
  const tenure = new Tenure();
  tenure.moved(range(50, 100), 0);
  tenure.handedOver({ after: at(50), sureAfter: at(50) }, 0);
  return tenure;
}

/** What the node is to a position: `-` nothing, `c` in charge, `s` sure as well. */
const standing = (tenure: Tenure, position: number, nowMs = 0) => {
  const { charge, sure } = tenure.standing("key", [at(position)], nowMs);
  return sure === 1 ? "s" : charge === 1 ? "c" : "-";
};
const all = (tenure: Tenure, positions: readonly number[], nowMs = 0) =>
  positions.map((each) => standing(tenure, each, nowMs)).join("");

describe("[CHORD-261] [CHORD-262] a node is in charge", () => {
  test("of its range once it was handed over, and of nothing when it is no member or about to go", () => {
    const tenure = new Tenure();
    tenure.moved(range(50, 100), 0);
    expect(all(tenure, [60, 100])).toBe("--");
    tenure.handedOver({ after: at(50), sureAfter: at(50) }, 0);
    expect(all(tenure, [50, 60, 100, 101])).toBe("-ss-");
    expect(tenure.standing("key", [60, 10, 70].map(at), 0)).toEqual({ charge: 0b101, sure: 0b101 });
    tenure.resigned();
    expect(all(tenure, [60, 100])).toBe("--");
    tenure.moved(undefined, 0);
    tenure.moved(range(50, 100), 0);
    expect(all(tenure, [60, 100])).toBe("--");
  });

  test("of all the circle when it founds the ring", () => {
    const tenure = new Tenure();
    tenure.moved(range(100, 100), 0);
    tenure.founded();
    expect(all(tenure, [0, 100, 200])).toBe("sss");
  });

  test("without being sure, when nobody could hand anything over", () => {
    const tenure = new Tenure();
    tenure.moved(range(50, 100), 0);
    tenure.assumed(0);
    expect(all(tenure, [60, 100])).toBe("cc");
  });

  test("[CHORD-263] of what nobody had before only when those who may have it had the time to tell", () => {
    const tenure = new Tenure();
    tenure.moved(range(30, 100), 0);
    tenure.handedOver({ after: at(50), sureAfter: at(70) }, 0);
    expect(all(tenure, [40, 60, 80])).toBe("-cs");
    expect(all(tenure, [40, 60, 80], 999)).toBe("-cs");
    expect(all(tenure, [40, 60, 80], 1_000)).toBe("ccs");
  });

  test("[CHORD-263] but not sure of what others between had, who came and vanished before it was in charge", () => {
    const tenure = new Tenure();
    tenure.moved(range(50, 100), 0);
    tenure.moved(range(70, 100), 1);
    tenure.moved(range(60, 100), 2);
    tenure.moved(range(40, 100), 3);
    tenure.handedOver({ after: at(20), sureAfter: at(20) }, 4);
    expect(all(tenure, [45, 55, 65, 75], 4)).toBe("cccs");
    tenure.moved(undefined, 5);
    tenure.moved(range(50, 100), 6);
    tenure.handedOver({ after: at(20), sureAfter: at(20) }, 7);
    expect(all(tenure, [55, 75], 7)).toBe("ss");
  });

  test("[CHORD-263] and sure of nothing of which who handed it over was not", () => {
    const tenure = new Tenure();
    tenure.moved(range(50, 100), 0);
    tenure.handedOver({ after: at(20), sureAfter: at(100) }, 0);
    expect(all(tenure, [60, 100])).toBe("cc");
  });
});

describe("[CHORD-264] a node is not sure", () => {
  test("of what it took over from members that vanished", () => {
    const tenure = settled();
    expect(tenure.moved(range(20, 100), 5)).toEqual(range(20, 50));
    expect(all(tenure, [30, 60], 5)).toBe("cs");
    expect(tenure.moved(range(50, 100), 6)).toBeUndefined();
    expect(all(tenure, [30, 60], 6)).toBe("-s");
  });

  test("of what it gave up and took over again", () => {
    const tenure = settled();
    tenure.moved(range(70, 100), 5);
    tenure.moved(range(50, 100), 6);
    expect(all(tenure, [60, 80], 6)).toBe("cs");
  });

  test("of all the circle when all others vanished", () => {
    const tenure = settled();
    tenure.moved(range(100, 100), 5);
    expect(all(tenure, [60, 40, 200], 5)).toBe("scc");
  });
});

describe("[CHORD-265] a key that was read again", () => {
  test("counts, but not before what is late has come, and not for what was taken over since", () => {
    const tenure = settled();
    tenure.moved(range(20, 100), 5);
    const { epoch } = tenure;
    expect(tenure.mayVerify(5 + late - 1)).toBe(false);
    expect(tenure.mayVerify(5 + late)).toBe(true);
    tenure.verified("key");
    expect(standing(tenure, 30, late)).toBe("s");
    expect(tenure.standing("other", [at(30)], late)).toEqual({ charge: 1, sure: 0 });
    tenure.moved(range(10, 100), late + 5);
    expect(tenure.epoch).not.toBe(epoch);
    tenure.doubted("key");
    expect(all(tenure, [15, 30, 60], late + 5)).toBe("ccs");
  });
});

test("[CHORD-265] who had it before may have been in charge until this node was: what it took is late from then on", () => {
  const joiner = new Tenure();
  joiner.moved(range(50, 100), 0);
  joiner.assumed(4_000);
  expect(joiner.mayVerify(4_000 + late - 1)).toBe(false);
  expect(joiner.mayVerify(4_000 + late)).toBe(true);
  const heir = new Tenure();
  heir.moved(range(50, 100), 0);
  heir.handedOver({ after: at(50), sureAfter: at(100) }, 3_000);
  expect(heir.mayVerify(3_000 + late - 1)).toBe(false);
  const claimant = new Tenure();
  claimant.moved(range(50, 100), 0);
  claimant.handedOver({ after: at(100), sureAfter: at(100) }, 3_000);
  expect(claimant.mayVerify(4_000 + late - 1)).toBe(false);
  expect(claimant.mayVerify(4_000 + late)).toBe(true);
});

describe("[CHORD-263] what a node gave up", () => {
  const claim = (tenure: Tenure, after: number, upTo: number, nowMs = 0) => tenure.givenTo(range(after, upTo), nowMs);

  test("is told to who claims it, with what it knew", () => {
    const tenure = settled();
    expect(claim(tenure, 50, 70)).toBeUndefined();
    tenure.moved(range(70, 100), 5);
    expect(claim(tenure, 50, 70)).toEqual({ after: at(50), sureAfter: at(50) });
    tenure.moved(range(20, 100), 6);
    tenure.moved(range(40, 100), 7);
    expect(claim(tenure, 20, 40)).toEqual({ after: at(20), sureAfter: at(40) });
  });

  test("is nothing where it had nothing, and not known while it is not in charge", () => {
    const tenure = settled();
    expect(claim(tenure, 30, 50)).toEqual({ after: at(50), sureAfter: at(50) });
    expect(claim(tenure, 30, 40)).toBe("none");
    const joiner = new Tenure();
    joiner.moved(range(50, 100), 0);
    joiner.moved(range(70, 100), 1);
    expect(claim(joiner, 50, 70)).toBeUndefined();
    joiner.handedOver({ after: at(50), sureAfter: at(50) }, 2);
    expect(claim(joiner, 50, 70)).toEqual({ after: at(70), sureAfter: at(70) });
  });

  test("two join at one place: what the later one was in charge of never is to be had from who was", () => {
    const tenure = settled();
    tenure.moved(range(80, 100), 5);
    // Before the one at 80 claims its range, another one comes between.
    expect(claim(tenure, 60, 80)).toEqual({ after: at(50), sureAfter: at(50) });
    expect(claim(tenure, 50, 60)).toEqual({ after: at(50), sureAfter: at(50) });
    expect(claim(tenure, 60, 70)).toBe("none");
  });

  test("is not told any more once it was taken over again", () => {
    const tenure = settled();
    tenure.moved(range(70, 100), 5);
    tenure.moved(range(50, 100), 6);
    expect(claim(tenure, 50, 70)).toBeUndefined();
  });

  test("is told to nobody else once it is gone: who comes back in its place does not have what it took", () => {
    const tenure = settled();
    tenure.moved(range(70, 100), 5);
    expect(claim(tenure, 50, 70)).toEqual({ after: at(50), sureAfter: at(50) });
    tenure.vacated();
    expect(claim(tenure, 50, 70)).toEqual({ after: at(70), sureAfter: at(70) });
  });

  test("is told for 5 s: members further on do not hear when it is gone", () => {
    const tenure = settled();
    tenure.moved(range(70, 100), 5);
    tenure.moved(range(80, 100), 6);
    expect(claim(tenure, 50, 70, 5_004)).toEqual({ after: at(50), sureAfter: at(50) });
    expect(claim(tenure, 50, 70, 5_005)).toBe("none");
    expect(claim(tenure, 70, 80, 5_005)).toEqual({ after: at(70), sureAfter: at(70) });
  });

  test("is not what it only waited for: another one may be in charge of that", () => {
    const tenure = new Tenure();
    tenure.moved(range(30, 100), 0);
    tenure.handedOver({ after: at(50), sureAfter: at(70) }, 0);
    tenure.moved(range(40, 100), 999);
    expect(claim(tenure, 30, 40)).toEqual({ after: at(40), sureAfter: at(40) });
    tenure.moved(range(60, 100), 999);
    expect(claim(tenure, 40, 60)).toEqual({ after: at(50), sureAfter: at(60) });
    tenure.moved(range(80, 100), 1_000);
    expect(claim(tenure, 60, 80)).toEqual({ after: at(60), sureAfter: at(70) });
  });

  test("of all the circle goes to the second member", () => {
    const founder = new Tenure();
    founder.moved(range(100, 100), 0);
    founder.founded();
    founder.moved(range(70, 100), 1);
    const given = claim(founder, 100, 70);
    expect(given).toEqual({ after: at(100), sureAfter: at(100) });
    const second = new Tenure();
    second.moved(range(100, 70), 1);
    if (typeof given === "object") second.handedOver(given, 1);
    expect(all(second, [120, 10, 70, 80], 1)).toBe("sss-");
    expect(all(founder, [80, 100, 60], 1)).toBe("ss-");
  });
});
