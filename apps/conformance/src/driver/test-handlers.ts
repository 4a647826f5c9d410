// The request types that every node under test answers by itself (spec/README.md, "Test driver protocol").
import type { HandlerContext, Node } from "@p2p/base";
import { parseNodeId, type WireValue } from "@p2p/wire";

export interface TestHandlers {
  /** Lets every held request be answered. */
  release(): void;
}

/** @param onDropped called when a held request has nobody left who waits */
export function installTestHandlers(node: Node, onDropped: (type: string) => void): TestHandlers {
  const held = new Set<() => void>();
  const never = (): Promise<never> => new Promise(() => undefined);
  node.handle("echo", (message) => message.data);
  node.handle("silent", never);
  node.handle("fail", (message) => {
    throw new Error(String(message.data));
  });
  node.handle("twice", async (message, context) => {
    await context.reply(message.data);
    await context.reply(message.data).catch(() => undefined);
    await context.refuse("twice", "again").catch(() => undefined);
  });
  node.handle("refuse", (message, context) => {
    const { code, message: text } = message.data as { readonly code: string; readonly message: string };
    return context.refuse(code, text);
  });
  node.handle("forward", (message, context) => {
    const { to } = message.data as { readonly to: string };
    return context.forward(parseNodeId(to));
  });
  node.handle("hold", (message, context) => hold(message.data, message.type, context));

  async function hold(data: WireValue, type: string, context: HandlerContext): Promise<WireValue> {
    await new Promise<void>((resolve) => {
      held.add(resolve);
      context.signal.addEventListener("abort", () => {
        held.delete(resolve);
        onDropped(type);
      });
    });
    return data;
  }

  return {
    release() {
      for (const resolve of held) resolve();
      held.clear();
    },
  };
}
