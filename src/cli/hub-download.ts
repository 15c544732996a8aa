/**
 * What every download from the Hugging Face hub does in a terminal: asks before the hub is asked for anything, shows name,
 * licence, files and size, asks again, fetches with progress. `--yes` answers both questions.
 */
import { InputError } from '../common/errors.ts';
import { formatBytes } from '../common/format.ts';
import { bytesOf, download } from '../hub/download.ts';
import { requireModelId } from '../hub/names.ts';
import { type HubAccess, type HubFile, type HubModel, lookUp } from '../hub/repository.ts';
import { offerInWords } from '../hub/words.ts';
import { type ConfirmOptions, isConfirmed } from './confirm.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';

export interface HubOptions extends ConfirmOptions {
  /** Another address of the hub. */
  readonly hub?: string;
}

export interface HubRequest {
  readonly id: string;
  readonly folder: string;
  /** What is fetched of the model. Throws when it cannot be used. */
  choose(access: HubAccess, model: HubModel): Promise<readonly HubFile[]> | readonly HubFile[];
}

/** Asks the user; `what` completes "… and nobody is there to confirm it". */
export type Confirm = (question: string, what: string) => Promise<boolean>;

/** What was fetched; `undefined` when the user did not want it. */
export async function downloadFromHub(
  request: HubRequest,
  options: HubOptions,
  confirm: Confirm = (question, what) => isConfirmed(question, what, options),
): Promise<HubModel | undefined> {
  const { id, folder } = request;
  const { hub: hubUrl } = options;
  requireModelId(id);
  if (hubUrl !== undefined && !URL.canParse(hubUrl)) {
    throw new InputError(`"${hubUrl}" is no address of a hub.`, 'Write it like https://hub.example.');
  }
  const asked = hubUrl === undefined ? 'the Hugging Face hub' : hubUrl;
  const about = `${asked} would be asked about ${id}`;
  if (!(await confirm(`Ask ${asked} about ${id}?`, about))) return undefined;
  const { signal, release } = stopOnSignals(() => undefined);
  try {
    const access = { id, signal, ...(hubUrl !== undefined && { hubUrl }) };
    const model = await lookUp(access);
    const files = await request.choose(access, model);
    tellModel(model, files, options);
    const size = formatBytes(bytesOf(files));
    const fetched = `${size} would be downloaded to ${folder}`;
    if (!(await confirm(`Download ${size} to ${folder}?`, fetched))) return undefined;
    await download({ access, model, files, folder, onProgress: progress(options) });
    return model;
  } finally {
    release();
  }
}

function tellModel({ id, commit, licence }: HubModel, files: readonly HubFile[], { json }: HubOptions): void {
  if (json) {
    writeJson({ type: 'hub', model: id, commit, licence, files, bytes: bytesOf(files) });
    return;
  }
  process.stdout.write(`${id}\n${offerInWords(licence, files)}\n`);
}

/** On a terminal one line for every hundredth, in a pipe a line for every tenth. */
function progress({ json }: HubOptions): (bytes: number, ofBytes: number) => void {
  const isLive = !json && process.stdout.isTTY;
  const parts = isLive ? 100 : 10;
  let told = 0;
  return (bytes, ofBytes) => {
    const part = Math.floor((parts * bytes) / ofBytes);
    if (part <= told) return;
    told = part;
    const text = `${formatBytes(bytes)} of ${formatBytes(ofBytes)}`;
    if (json) writeJson({ type: 'progress', bytes, ofBytes });
    else if (isLive) process.stdout.write(`\r${text}\u001b[K${part === parts ? '\n' : ''}`);
    else process.stdout.write(`${text}\n`);
  };
}
