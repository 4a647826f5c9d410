// Stub of the TCP transport where there is none.
export const isTcpAvailable = false as boolean;
