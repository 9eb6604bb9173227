/** How long the intake waits, in milliseconds. */
export interface Pace {
  /** Between two tries to save what is kept in memory. */
  retry: number;
  /** For messages of one gap, which are gathered into one post. */
  gather: number;
  /** From the first trouble of the disk until those are told who wait for a shard. */
  alert: number;
}

export const pace: Pace = { retry: 2_000, gather: 1_000, alert: 3_000 };
