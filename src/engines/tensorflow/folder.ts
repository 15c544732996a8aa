/**
 * Where TensorFlow.js lies when it is not installed beside Parlance: in a folder of the user's choice, or in one of
 * Parlance's own into which npm fetched it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { ResourceError } from '../../common/errors.ts';
import { readTextIfThere, requireWritable, writeFileAtomic } from '../../common/files.ts';
import { stateFolder } from '../../common/state-folder.ts';

/** Fetched by name and version; its own script then fetches TensorFlow's library, some hundreds of megabytes. */
export const TENSORFLOW_PACKAGE = '@tensorflow/tfjs-node-gpu@4.22.0';

const choiceSchema = z.object({ folder: z.string() });

export const fetchedTensorFlowFolder = (): string => join(stateFolder(), 'tensorflow');
const choiceFile = (): string => join(fetchedTensorFlowFolder(), 'choice.json');

/** The chosen folder, else the fetched one; `undefined` when there is neither. */
export async function tensorFlowFolder(): Promise<string | undefined> {
  const text = await readTextIfThere(choiceFile());
  if (text !== undefined) return choiceSchema.parse(JSON.parse(text)).folder;
  const fetched = fetchedTensorFlowFolder();
  return existsSync(join(fetched, 'node_modules', '@tensorflow')) ? fetched : undefined;
}

export async function chooseTensorFlowFolder(folder: string): Promise<void> {
  await requireWritable(dirname(choiceFile()));
  await writeFileAtomic(choiceFile(), `${JSON.stringify({ folder: resolve(folder) })}\n`);
}

/** Fetches the package with the npm of this machine. Throws ResourceError with npm's last line. */
export async function fetchTensorFlow(): Promise<string> {
  const folder = fetchedTensorFlowFolder();
  await mkdir(folder, { recursive: true });
  const failure = await runNpm(folder);
  if (failure !== undefined) {
    throw new ResourceError(
      `npm could not install ${TENSORFLOW_PACKAGE}: ${failure}`,
      'It needs npm, the network and a compiler where no binary fits; or name a folder that has it: parlance tensorflow --from <folder>.',
    );
  }
  await chooseTensorFlowFolder(folder);
  return folder;
}

/** Named as the current folder: through a shell, as Windows needs one, a path with spaces would be several words. */
const OPTIONS = ['install', '--prefix', '.', '--no-audit', '--no-fund', TENSORFLOW_PACKAGE];

/** Installs into a folder. Why npm failed; `undefined` when it did not. */
function runNpm(folder: string): Promise<string | undefined> {
  return new Promise((done) => {
    const child = spawn('npm', OPTIONS, {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told = `${told}${text}`.slice(-4000);
    });
    child.once('error', ({ message }) => done(message));
    child.once('close', (code) => done(code === 0 ? undefined : errorLine(told, code)));
  });
}

function errorLine(told: string, code: number | null): string {
  // Of npm's own lines about an error those with a message, not its code, folder and command.
  const lines = told
    .split('\n')
    .filter((line) => /^npm error (?!code|errno|path|command|A complete)\S/.test(line));
  const telling = lines.find((line) => /error/i.test(line.slice('npm error'.length))) ?? lines.at(0);
  return telling ?? `it ended with ${code}`;
}
