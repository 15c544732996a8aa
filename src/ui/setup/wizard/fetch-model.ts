/**
 * A model of the Hugging Face hub for the wizard: the hub is asked after a yes, and the model downloaded after another, once
 * licence, files and size were shown. Loaded when somebody asks for it.
 */
import { l10n, window } from 'vscode';
import { ParlanceError } from '../../../common/errors.ts';
import { formatBytes } from '../../../common/format.ts';
import { bytesOf, download } from '../../../hub/download.ts';
import { checkpointFiles } from '../../../hub/llama-checkpoint.ts';
import { fetchedModelFolder } from '../../../hub/names.ts';
import { type HubFile, type HubModel, lookUp } from '../../../hub/repository.ts';
import { offerInWords } from '../../../hub/words.ts';
import { withProgress } from '../machine-check.ts';

/** Its folder; `undefined` when the user did not want it. Throws a `ParlanceError` when it cannot be had. */
export async function fetchModel(id: string): Promise<string | undefined> {
  const asks = await isAgreed(
    l10n.t('Ask the Hugging Face hub about {0}?', id),
    l10n.t(
      'It tells the licence, the files and their size. Nothing is downloaded before you have seen them.',
    ),
    l10n.t('Ask'),
  );
  if (!asks) return undefined;
  const offer = await unlessStopped(l10n.t('Asking about {0}', id), async (signal) => {
    const access = { id, signal };
    const model = await lookUp(access);
    return { model, files: await checkpointFiles(access, model) };
  });
  if (offer === undefined) return undefined;
  const folder = fetchedModelFolder(id);
  const size = formatBytes(bytesOf(offer.files));
  const wants = await isAgreed(
    l10n.t('Download {0}, {1}?', id, size),
    `${offerInWords(offer.model.licence, offer.files)}\n\n${l10n.t('It is kept in {0}.', folder)}`,
    l10n.t('Download'),
  );
  return wants ? fetched(offer, folder) : undefined;
}

function fetched(
  { model, files }: { readonly model: HubModel; readonly files: readonly HubFile[] },
  folder: string,
): Promise<string | undefined> {
  const { id } = model;
  return unlessStopped(l10n.t('Downloading {0}', id), async (signal, tell) => {
    const onProgress = (bytes: number, ofBytes: number): void =>
      tell(bytes / ofBytes, l10n.t('{0} of {1}', formatBytes(bytes), formatBytes(ofBytes)));
    await download({ access: { id, signal }, model, files, folder, onProgress });
    return folder;
  });
}

async function isAgreed(question: string, detail: string, yes: string): Promise<boolean> {
  return (await window.showInformationMessage(question, { modal: true, detail }, yes)) === yes;
}

/** `undefined` when the user stopped it: the question is asked again, and a transfer goes on where it was. */
async function unlessStopped<T>(
  title: string,
  work: Parameters<typeof withProgress<T>>[1],
): Promise<T | undefined> {
  let stopped: AbortSignal | undefined;
  try {
    return await withProgress(title, (signal, tell) => {
      stopped = signal;
      return work(signal, tell);
    });
  } catch (error) {
    if (error instanceof ParlanceError && stopped?.aborted) return undefined;
    throw error;
  }
}
