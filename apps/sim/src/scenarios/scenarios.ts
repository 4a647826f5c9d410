// The list of all scenarios.
import type { Scenario } from "@p2p/simulator";
import { baseAnswers } from "./base-answers.js";
import { meshHeals } from "./mesh-heals.js";

/** What the swarm plays; the scenario that fails on purpose is not among them. */
export const scenarios: readonly Scenario[] = [baseAnswers, meshHeals];
