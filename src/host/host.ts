/** The process of a run's host, from its first words to the one that starts it until the run has ended. */
import { endOf } from '../experiments/execution/execute.ts';
import { type HostStart, tellParent } from './ipc-messages.ts';
import { RunHost } from './run-host.ts';

export async function host(start: HostStart, program: string): Promise<void> {
  let runHost: RunHost;
  try {
    runHost = await RunHost.begin(start, program);
  } catch (error) {
    const { message, hint } = endOf(error);
    console.error(error);
    await tellParent({ type: 'refused', message, hint });
    process.exit(1);
  }
  await tellParent({ type: 'started' });
  if (process.connected) process.disconnect();
  await runHost.untilEnd();
  process.exit(0);
}
