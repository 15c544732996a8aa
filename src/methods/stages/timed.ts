/** Booking the cost of stages that train nothing. */
import { flops, seconds, tokens } from '../../common/units.ts';
import type { StageContext } from '../../pipeline/stage.ts';

/**
 * Books the time that work took, and the floating-point operations that it says it counted; none where there are no
 * products to count: reading, cleaning, tokenizing, comparing and drawing text.
 */
export async function timed(
  { book }: Pick<StageContext, 'book'>,
  work: () => Promise<number | undefined>,
): Promise<void> {
  const began = performance.now();
  const counted = (await work()) ?? 0;
  const took = (performance.now() - began) / 1000;
  book({ flops: flops(counted), tokens: tokens(0), seconds: seconds(took) });
}
