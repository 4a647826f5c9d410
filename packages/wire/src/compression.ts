// Stub of the portable compression.
export const compression = "fflate" as string;
