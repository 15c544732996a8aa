/** Text of a domain that a small model learns in seconds, none of it the sample's: made logs of a ship. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/setup.mjs';
import { Random } from '../../../src/common/random.ts';

const winds = ['north', 'north-west', 'west', 'south-west', 'south'];
const remarks = ['all well on board', 'sails trimmed', 'lookout posted', 'sea moderate', 'watch relieved'];

export const shipLogExperiment = {
  name: 'ship',
  generic: { sources: [{ path: '../manual' }] },
  domains: [{ name: 'logs', sources: [{ path: '.', include: ['logs/'] }] }],
  methods: ['slm-nopt', 'slm'],
  seeds: [1],
  tokenizer: { vocabulary: 400 },
  context: 64,
  models: {
    small: { layers: 1, width: 32, heads: 2, feedForward: 64 },
    large: { layers: 1, width: 32, heads: 2, feedForward: 64 },
  },
  pretraining: { tokens: [8192], batchTokens: 512 },
  specialization: { domainTokens: [2048], batchTokens: 512, maximumEpochs: 8, patience: 8192 },
};

/** Lines of a log, the same for a seed. */
export function shipLog(seed: number, lines: number): string {
  const random = Random.fromSeed(seed, 'ship log');
  const one = (of: readonly string[]) => of[random.below(of.length)];
  const line = (_: unknown, hour: number) =>
    `${String(hour % 24).padStart(2, '0')}:00 wind from the ${one(winds)}, ${4 + random.below(20)} knots, course ${10 * random.below(36)} degrees; ${one(remarks)}.\n`;
  return Array.from({ length: lines }, line).join('');
}

/** Files of a workspace `ship` and of the generic text beside it, which is documentation of npm: a text that nobody here edits. */
export function shipLogFiles(): Readonly<Record<string, string | object>> {
  const files: Record<string, string | object> = { 'ship/parlance.json': shipLogExperiment };
  for (let day = 1; day <= 24; day++)
    files[`ship/logs/day-${String(day).padStart(2, '0')}.md`] = shipLog(day, 24);
  const docs = join(root, 'dist', 'sample', 'workspace', 'npm-docs', 'using-npm');
  for (const name of readdirSync(docs).filter((one) => one.endsWith('.md'))) {
    files[`manual/${name}`] = readFileSync(join(docs, name), 'utf8');
  }
  return files;
}
