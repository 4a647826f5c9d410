// How promises settle between two virtual events: each event runs in a task of the platform of its own, and a platform
// runs all promise jobs (and Node its ticks) to the last before the next task. The task is no timer: no time is asked of
// it and none passes, and nothing but the one waiting step can be what comes next, so that the order is always the same.

/** Tasks asked for at once, where the platform runs promise jobs between them: saves rounds of its event loop. */
const batchSize = 64;

// Taken when the module is loaded: tests that replace the platform's timers, to throw or to be faked, do not stop a world.
// biome-ignore lint/style/noRestrictedGlobals: the one place where a world meets the platform's event loop, see above.
const platformSoon = typeof setImmediate === "function" ? setImmediate : undefined;
const Port = typeof MessageChannel === "function" ? MessageChannel : undefined;

/**
 * Calls `step` again and again, with all promises settled in between, until it answers false.
 *
 * Now and then the platform takes its turn in between: for its timers, files and sockets, which are no part of a world.
 * Before it does, `rest` is called (not in browsers): what has changed at the next step came from there.
 * @throws what `step` throws
 */
export function runTurns(step: () => boolean, rest: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const turn = (): void => {
      if (isOver) return;
      try {
        if (step()) return;
        isOver = true;
        resolve();
      } catch (error) {
        isOver = true;
        reject(error);
      }
    };
    if (platformSoon !== undefined) runBatches(platformSoon, turn, rest, () => isOver);
    else runPort(turn, () => isOver);
  });
}

function runBatches(
  soon: (run: () => void) => unknown,
  turn: () => void,
  rest: () => void,
  isOver: () => boolean,
): void {
  const last = (): void => {
    if (isOver()) return;
    rest();
    ask();
  };
  const ask = (): void => {
    for (let count = 0; count < batchSize; count++) soon(turn);
    // A task of its own: by then all that the last turn has caused is settled.
    soon(last);
  };
  ask();
}

/** Browsers: a message to oneself is a task; each asks for the next. */
function runPort(turn: () => void, isOver: () => boolean): void {
  if (Port === undefined) throw new TypeError("the platform has neither setImmediate nor MessageChannel");
  const { port1, port2 } = new Port();
  // The types here are of Node, where this line is never reached; every platform's port has `onmessage`.
  (port1 as { onmessage?: () => void }).onmessage = () => {
    turn();
    if (isOver()) port1.close();
    else port2.postMessage(0);
  };
  port2.postMessage(0);
}
