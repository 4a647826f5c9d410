// A peer-to-peer node with connections: connect, send, request and respond, events, reconnect.
export const name = "@p2p/base";
