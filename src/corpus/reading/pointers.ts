/** Files that stand in for others: Git LFS and git-annex leave a few lines in place of a file that was not fetched. */
import { readFile, readlink } from 'node:fs/promises';
import { slashed } from '../../common/slashes.ts';
import type { FoundFile } from '../sources/found-file.ts';

const longestBytes = 1024;
const gitLfs = /^version https?:\/\/[\w.-]+\/(?:spec\/)?v[\d/]+\r?\n(?:.*\n)*oid sha256:[0-9a-f]{64}\b/;
const gitAnnex = /^\/annex\/objects\/\S+\s*(?:\n|$)/;

export async function isPointer({ absolute, size }: FoundFile): Promise<boolean> {
  if (size > longestBytes) return false;
  const text = await readFile(absolute, 'latin1');
  return gitLfs.test(text) || gitAnnex.test(text.replaceAll('\\', '/'));
}

/** Whether a link that leads nowhere is git-annex's, to the place in its store of what was not fetched. */
export async function isPointerLink(absolute: string): Promise<boolean> {
  const target = await readlink(absolute).catch(() => '');
  return slashed(target).includes('annex/objects/');
}
