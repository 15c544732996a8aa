/**
 * The background program, bundled as dist/host.mjs: `host <start>` keeps a run and answers the editor, `compute <start>`
 * is the process that it lets do the work. Loads only what the task needs.
 */
import { fileURLToPath } from 'node:url';
import { computationStartSchema, hostStartSchema } from './ipc-messages.ts';
import { isWatchdog, watch } from './watchdog.ts';

const program = fileURLToPath(import.meta.url);
const [, , task, start = '{}'] = process.argv;

if (isWatchdog) {
  watch();
} else if (task === 'compute') {
  const { compute } = await import('./computation.ts');
  await compute(computationStartSchema.parse(JSON.parse(start)), program);
} else {
  const { host } = await import('./host.ts');
  await host(hostStartSchema.parse(JSON.parse(start)), program);
}
