/**
 * `npm start`: from a fresh clone to a finished experiment on the sample. Further arguments go to `parlance run`,
 * for example `npm start -- --preset small`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();
for (const step of ['scripts/build.mjs', 'samples/assemble.mjs']) {
  const { status } = spawnSync(process.execPath, [join(root, step)], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const experiment = join(root, 'samples', '.assembled', 'npm-docs', 'parlance.json');
const child = spawn(
  process.execPath,
  [join(root, 'dist', 'cli.mjs'), 'run', experiment, ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);

/** What to type for a folder of one's own. */
function nextText() {
  const sample = relative(process.cwd(), dirname(experiment));
  return [
    'The model of the answer, as a folder that other programs read, and a text that it continues:',
    `  node dist/cli.mjs export --experiment ${sample} --format hf --to ../npm-model`,
    '  node dist/cli.mjs complete "To install a package" --model ../npm-model',
    'For a folder of your own text, looked at and asked about, then compared by all methods:',
    '  node dist/cli.mjs init <folder>',
    '  node dist/cli.mjs run <folder>',
  ].join('\n');
}

// A Ctrl-C in a terminal reaches the child by itself: this process only has to stay until the child has saved its work.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  if (code === 0 && !process.argv.includes('--json')) console.log(`\n${nextText()}`);
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});
