/**
 * Attacks a reader for as long as is asked: `npm run fuzz -- <reader> [--minutes 10] [--seed 1]`. Ends with an error at the
 * first file that is not refused in words, at one that takes longer than ten seconds, and (the script bounds the heap)
 * at one that takes much memory. What it finds becomes a case of a test.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attack } from './attack.ts';
import { readers } from './readers.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const [name] = positionals;
const reader = readers[name];
if (reader === undefined) {
  console.error(`Give a reader: ${Object.keys(readers).join(', ')}.`);
  process.exit(2);
}

const SLOWEST_MS = 10_000;
const end = Date.now() + Number(values.minutes) * 60_000;
const counts = { read: 0, refused: 0 };
let slowestMs = 0;
let before = performance.now();
for await (const { data, outcome } of attack(name, reader, Number(values.seed))) {
  counts[outcome]++;
  const tookMs = performance.now() - before;
  slowestMs = Math.max(slowestMs, tookMs);
  if (tookMs > SLOWEST_MS) {
    writeFileSync(`fuzz-${name}-slow.bin`, data);
    throw new Error(`A file took ${Math.round(tookMs)} ms; it is in fuzz-${name}-slow.bin.`);
  }
  if (Date.now() > end) break;
  before = performance.now();
}
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `${name}: ${counts.read} read, ${counts.refused} refused, slowest ${Math.round(slowestMs)} ms, peak ${peakMb} MB`,
);
