// Messages of the mesh that are not as they should be, each a case.
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { closeCode } from "../../stage/messages.js";
import { nodeCase } from "../define.js";
import { meshPeer, openMesh } from "./links.js";

export function malformedCases(bad: readonly (readonly [what: string, items: readonly Packable[]])[]): NodeCase[] {
  return bad.map(([what, items]) =>
    nodeCase(`mesh/malformed/${what.replaceAll(" ", "-")}`, "MESH-045", `a ${what} closes the link`, async (stage) => {
      const node = await openMesh(stage);
      const peer = await meshPeer(stage, node);
      peer.send(2, ...items);
      await peer.nextClose(closeCode.protocol);
    }),
  );
}
