/** Takes a lock again and again and makes sure that it is alone inside: `<lock> <inside> <rounds> <die after or 0>`. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock } from '../../../src/pipeline/lock.ts';

const [folder, inside, rounds, dieAfter] = process.argv.slice(2);
const { signal } = new AbortController();
for (let round = 1; round <= Number(rounds); round++) {
  const lock = await acquireLock(folder, { signal, onWaiting: () => undefined });
  closeSync(openSync(inside, 'wx'));
  console.log('inside');
  await sleep(3);
  rmSync(inside);
  if (round === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  lock.release();
}
