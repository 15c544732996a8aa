/** The 95 % quantile of Student's t, so that 90 % lie within: exact for 1 and 2 degrees of freedom, which are whole numbers,
 * else by Cornish and Fisher, at most 2 % too small. */
export function tQuantile(degreesOfFreedom: number): number {
  if (degreesOfFreedom === 1) return 6.314;
  if (degreesOfFreedom === 2) return 2.92;
  const z = 1.6449;
  const v = degreesOfFreedom;
  return z + (z ** 3 + z) / (4 * v) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * v * v);
}
