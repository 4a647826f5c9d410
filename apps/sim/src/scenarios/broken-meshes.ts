// Meshes that are broken on purpose: scenarios that are to fail, so that those which hold say something.
import type { Mesh } from "@p2p/mesh";
import type { Scenario } from "@p2p/simulator";
import { deliveryScenario } from "./mesh-delivery.js";
import { joinFlood } from "./mesh-join-flood.js";
import { massCrash } from "./mesh-mass-crash.js";

const links = { activeMin: 2, activeTarget: 3, activeMax: 4 };

/** Forgets within moments what it has seen, so that what comes by a longer way is new to it. */
const forgetful: Scenario = deliveryScenario({
  name: "broken-seen-cache",
  member: { meshLimits: { ...links, seenLifetimeMs: 1 } },
});

/** Its node n2 sends nothing over the first link that it dialled. */
const leavingOut: Scenario = deliveryScenario({
  name: "broken-relay",
  spoil: (mesh, node) => {
    if (node !== "n2") return;
    mesh.node.once("outboundConnected", (connection) => {
      // Only broadcasts are sent as frames that are encoded already.
      Object.assign(connection, { sendFrame: () => true });
    });
  },
});

/** Dials nobody any more. */
function keepToYourself(mesh: Mesh): void {
  Object.assign(mesh.node, { dial: () => Promise.reject(new Error("broken on purpose")) });
}

/** Nobody looks for others when neighbours are lost: the survivors stay in parts. */
const staying: Scenario = massCrash("broken-survivors", 40, false, keepToYourself);

/** Whoever finds the way in occupied gives up after the first dial. */
const givingUp: Scenario = joinFlood("broken-joiners", 40, keepToYourself);

export const brokenMeshes: readonly Scenario[] = [forgetful, leavingOut, staying, givingUp];
