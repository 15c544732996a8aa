/**
 * `npm run profile [-- A|B] [--recipe]`: where the time of a training step goes, by kind of kernel. `--recipe` profiles
 * the optimizers of the product (Muon and AdamW) instead of AdamW alone.
 */
import { availableParallelism } from 'node:os';
import { Argument, Command } from 'commander';
import { OnnxRuntimeEngine } from '../src/engines/onnxruntime/engine.ts';
import { median } from './statistics.ts';
import { OurTraining } from './training/our-training.ts';
import { SIZES } from './training/sizes.ts';

const WARM_UP_STEPS = 3;
const STEPS = 10;

await new Command('profile')
  .addArgument(new Argument('[size]', 'which model').choices(SIZES.map(({ name }) => name)).default('A'))
  .option('--recipe', 'Muon and AdamW as the product trains, not AdamW alone')
  .action(async (name: string, { recipe }: { recipe?: true }) => {
    const bench = SIZES.find((size) => size.name === name) ?? SIZES[0];
    const engine = new OnnxRuntimeEngine({ threads: availableParallelism() });
    const training = await OurTraining.start(engine, bench, recipe ? 'recipe' : 'adamw', true);
    await training.steps(WARM_UP_STEPS);
    const seconds = await training.steps(STEPS);
    const times = await training.dispose();
    await engine.dispose();
    const steps = WARM_UP_STEPS + STEPS;
    const total = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    console.log(`size ${bench.name}: ${(1000 * median(seconds)).toFixed(1)} ms a step (profiled)\n`);
    console.log(`${'operation'.padEnd(28)}    calls   ms/step   share`);
    for (const { operation, calls, milliseconds } of times.toSorted(
      (a, b) => b.milliseconds - a.milliseconds,
    )) {
      const each = (milliseconds / steps).toFixed(2).padStart(9);
      const share = ((100 * milliseconds) / total).toFixed(1).padStart(6);
      console.log(`${operation.padEnd(28)} ${String(calls / steps).padStart(8)} ${each} ${share} %`);
    }
  })
  .parseAsync();
