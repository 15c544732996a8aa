/**
 * The background program, bundled as dist/host.mjs: `host <order>` keeps a run and answers the editor, `compute <order>`
 * is the process that it lets do the work. Loads only what the task needs.
 */
import { fileURLToPath } from 'node:url';
import { computationOrderSchema, hostOrderSchema } from './orders.ts';
import { isWatchdog, watch } from './watchdog.ts';

const program = fileURLToPath(import.meta.url);
const [, , task, order = '{}'] = process.argv;

if (isWatchdog) {
  watch();
} else if (task === 'compute') {
  const { compute } = await import('./computation.ts');
  await compute(computationOrderSchema.parse(JSON.parse(order)), program);
} else {
  const { host } = await import('./host.ts');
  await host(hostOrderSchema.parse(JSON.parse(order)), program);
}
