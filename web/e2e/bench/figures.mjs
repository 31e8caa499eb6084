// Order statistics.

/** The value below which that share of the samples lies (nearest rank). */
export function percentile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** `p50 8.1 ms · p99 19.4 ms · 600 samples`. */
export function spread(samples) {
  const ms = (share) => `${percentile(samples, share).toFixed(1)} ms`;
  return `p50 ${ms(0.5)} · p99 ${ms(0.99)} · max ${ms(1)} · ${samples.length} samples`;
}
