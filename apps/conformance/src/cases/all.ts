// Every case of the suite: those made from vectors and those written as code.
import type { Case } from "../runner/case.js";
import { legacyCases } from "../vectors/legacy-cases.js";
import { loadVectors } from "../vectors/load.js";
import { vectorCases } from "../vectors/vector-cases.js";
import { addressCases } from "./base/addresses.js";
import { badHandshakeCases } from "./base/bad-handshakes.js";
import { badMessageCases } from "./base/bad-messages.js";
import { closingCases } from "./base/closing.js";
import { diallingCases } from "./base/dialling.js";
import { duplicateCases } from "./base/duplicates.js";
import { handshakeCases } from "./base/handshake.js";
import { limitCases } from "./base/limits.js";
import { sessionCases } from "./base/session.js";
import { transportCases } from "./base/transport.js";
import { atomicCases } from "./chord/atomic.js";
import { chargeCases } from "./chord/charge.js";
import { copyCases } from "./chord/copies.js";
import { farCases } from "./chord/far.js";
import { joiningCases } from "./chord/joining.js";
import { linkCases } from "./chord/links.js";
import { listCases } from "./chord/lists.js";
import { lookupCases } from "./chord/lookups.js";
import { lossCases } from "./chord/losses.js";
import { malformedRingCases } from "./chord/malformed.js";
import { malformedQuestionCases } from "./chord/malformed-questions.js";
import { moveCases } from "./chord/moves.js";
import { operationCases } from "./chord/operations.js";
import { ownedCases } from "./chord/owned.js";
import { ownedReadingCases } from "./chord/owned-reading.js";
import { recordCases as dictionaryRecordCases } from "./chord/records.js";
import { silenceCases } from "./chord/silence.js";
import { storeCases } from "./chord/stores.js";
import { timeLimitCases } from "./chord/time-limits.js";
import { upkeepCases } from "./chord/upkeep.js";
import { whisperCases } from "./chord/whispers.js";
import { adviceCases } from "./mesh/advice.js";
import { badDirectCases } from "./mesh/bad-direct.js";
import { badPeersCases } from "./mesh/bad-peers.js";
import { broadcastCases } from "./mesh/broadcasts.js";
import { directCases } from "./mesh/direct.js";
import { peersCases } from "./mesh/peers.js";
import { seenCases } from "./mesh/seen.js";
import { slowCases } from "./mesh/slow.js";
import { validatorCases } from "./mesh/validators.js";
import { viewCases } from "./mesh/views.js";
import { answeringCases } from "./requests/answering.js";
import { askingCases } from "./requests/asking.js";
import { forwardingCases } from "./requests/forwarding.js";
import { messageCases } from "./requests/messages.js";
import { redirectedCases } from "./requests/redirected.js";
import { sealedDataCases } from "./sealed/data.js";
import { graphCases } from "./sealed/graph.js";
import { letterCases } from "./sealed/letters.js";
import { meshLetterCases } from "./sealed/mesh-letters.js";
import { sealedMessageCases } from "./sealed/messages.js";
import { questionCases } from "./sealed/questions.js";
import { sealedVectorCases } from "./sealed/vectors.js";
import { channelCases } from "./secure/channels.js";
import { identityCases } from "./secure/identities.js";
import { messageProofCases } from "./secure/message-proofs.js";
import { ownedKeyCases } from "./secure/owned.js";
import { recordCases } from "./secure/records.js";
import { signedCases } from "./secure/signed.js";
import { batchCases } from "./secure/signed-batches.js";
import { forgeryCases } from "./secure/signed-forgeries.js";
import { receiptCases } from "./secure/signed-receipts.js";
import { replayCases } from "./secure/signed-replays.js";
import { badComparisonCases } from "./sync/bad-comparisons.js";
import { clockCases } from "./sync/clocks.js";
import { comparisonCases } from "./sync/comparisons.js";
import { disputeCases } from "./sync/disputes.js";
import { fieldCases } from "./sync/fields.js";
import { forgettingCases } from "./sync/forgetting.js";
import { leaseCases, leaseReportCases } from "./sync/leases.js";
import { legacyTableCases } from "./sync/legacy.js";
import { legacyWriteCases } from "./sync/legacy-writes.js";
import { mergeCases } from "./sync/merges.js";
import { ownedTableCases } from "./sync/owned.js";
import { ownedForgeryCases } from "./sync/owned-forgeries.js";
import { ownedFormCases } from "./sync/owned-forms.js";
import { ownedKeepingCases } from "./sync/owned-keeping.js";
import { rangeCases } from "./sync/ranges.js";
import { streamCases } from "./sync/streams.js";
import { orderCases, updateCases } from "./sync/updates.js";
import { codecCases } from "./wire/codec.js";
import { compressionCases } from "./wire/compression.js";
import { legacyCodeCases } from "./wire/legacy.js";

export function allCases(): Case[] {
  const cases: Case[] = [
    ...loadVectors().flatMap((file) => [...vectorCases(file), ...legacyCases(file)]),
    ...codecCases,
    ...compressionCases,
    ...legacyCodeCases,
    ...handshakeCases,
    ...badHandshakeCases,
    ...sessionCases,
    ...badMessageCases,
    ...closingCases,
    ...duplicateCases,
    ...addressCases,
    ...transportCases,
    ...limitCases,
    ...diallingCases,
    ...listCases,
    ...lossCases,
    ...joiningCases,
    ...linkCases,
    ...timeLimitCases,
    ...lookupCases,
    ...whisperCases,
    ...farCases,
    ...silenceCases,
    ...malformedRingCases,
    ...dictionaryRecordCases,
    ...malformedQuestionCases,
    ...storeCases,
    ...operationCases,
    ...ownedCases,
    ...ownedReadingCases,
    ...atomicCases,
    ...upkeepCases,
    ...chargeCases,
    ...copyCases,
    ...moveCases,
    ...messageCases,
    ...answeringCases,
    ...askingCases,
    ...redirectedCases,
    ...forwardingCases,
    ...broadcastCases,
    ...seenCases,
    ...viewCases,
    ...peersCases,
    ...badPeersCases,
    ...validatorCases,
    ...directCases,
    ...badDirectCases,
    ...slowCases,
    ...adviceCases,
    ...updateCases,
    ...orderCases,
    ...mergeCases,
    ...leaseCases,
    ...leaseReportCases,
    ...disputeCases,
    ...clockCases,
    ...comparisonCases,
    ...rangeCases,
    ...streamCases,
    ...forgettingCases,
    ...badComparisonCases,
    ...fieldCases,
    ...ownedTableCases,
    ...ownedForgeryCases,
    ...ownedFormCases(),
    ...ownedKeepingCases,
    ...legacyTableCases,
    ...legacyWriteCases,
    ...identityCases,
    ...channelCases,
    ...recordCases,
    ...messageProofCases,
    ...ownedKeyCases,
    ...signedCases,
    ...forgeryCases,
    ...receiptCases,
    ...replayCases,
    ...batchCases,
    ...sealedVectorCases,
    ...sealedMessageCases,
    ...sealedDataCases,
    ...letterCases,
    ...meshLetterCases,
    ...questionCases,
    ...graphCases,
  ];
  const ids = new Set<string>();
  for (const one of cases) {
    if (ids.has(one.id)) throw new Error(`two cases are named ${one.id}`);
    ids.add(one.id);
  }
  return cases;
}
