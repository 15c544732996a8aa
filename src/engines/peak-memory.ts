/** The most memory that this process has held, in bytes. */
export const ownPeakBytes = (): number => process.resourceUsage().maxRSS * 1024;
