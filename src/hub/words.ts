/** What is told of a model before it is downloaded, in the terminal and in the editor. */
import { formatBytes, formatPlural } from '../common/format.ts';
import { bytesOf } from './download.ts';
import type { HubFile } from './repository.ts';

/** The licence as the model card states it, and the files with their sizes; several lines. */
export function offerInWords(licence: string | undefined, files: readonly HubFile[]): string {
  const lines = files.map(({ path, bytes }) => `  ${formatBytes(bytes).padStart(9)}  ${path}`);
  const stated = licence === undefined ? 'none stated on its card' : `${licence}, as its card states`;
  const total = `${formatPlural(files.length, 'file')}, ${formatBytes(bytesOf(files))}:`;
  return [`Licence: ${stated}`, total, ...lines].join('\n');
}
