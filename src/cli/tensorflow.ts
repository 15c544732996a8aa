/** `parlance tensorflow`: makes the engine `tensorflow` ready: fetches TensorFlow.js after asking, or takes a folder. */
import { InputError } from '../common/errors.ts';
import {
  chooseTensorFlowFolder,
  fetchedTensorFlowFolder,
  fetchTensorFlow,
  TENSORFLOW_PACKAGE,
} from '../engines/tensorflow/folder.ts';
import { loadTensorFlow } from '../engines/tensorflow/load.ts';
import { type ConfirmOptions, isConfirmed } from './confirm.ts';
import { writeJson } from './display/json.ts';

export interface TensorFlowOptions extends ConfirmOptions {
  readonly from?: string;
}

export async function tensorflow(options: TensorFlowOptions): Promise<void> {
  const folder = options.from === undefined ? await fetched(options) : await named(options.from);
  if (folder === undefined) return;
  const { name, backend } = await loadTensorFlow({ folder });
  if (options.json) writeJson({ type: 'tensorflow', folder, package: name, backend });
  else process.stdout.write(`${name} in ${folder} works, with its backend ${backend}.\n`);
}

/** A folder that does not work is not remembered. */
async function named(folder: string): Promise<string> {
  await loadTensorFlow({ folder }).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message, 'Name a folder with TensorFlow.js in its node_modules.', error);
  });
  await chooseTensorFlowFolder(folder);
  return folder;
}

async function fetched(options: TensorFlowOptions): Promise<string | undefined> {
  const what = `${TENSORFLOW_PACKAGE} (Apache-2.0) and TensorFlow's library, some hundreds of megabytes,`;
  const folder = fetchedTensorFlowFolder();
  const agreed = await isConfirmed(
    `Download ${what} with npm to ${folder}?`,
    `${what} would be downloaded with npm to ${folder}`,
    options,
    ', or --from <folder> for one that is on this machine',
  );
  return agreed ? fetchTensorFlow() : undefined;
}
