// Stub of the TCP transport, chosen by the "node" condition of #tcp.
export const isTcpAvailable = true as boolean;
