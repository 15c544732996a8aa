/** How far an evaluation is, on standard error: one line that is rewritten on a terminal, else one now and then. */
import { formatBytes, formatCount } from '../../common/format.ts';
import { writeJson } from './json.ts';

/** Where lines stay, one each so many tokens. */
const TOKENS_A_LINE = 65_536;

export interface EvaluationProgress {
  onTokens(tokens: number): void;
  onDocument(bytes: number): void;
  /** Takes the rewritten line away. */
  clear(): void;
}

/** `fileBytes`: of the files on the disk, which is about the length of plain text. */
export function evaluationProgress(
  { json }: { readonly json?: boolean },
  fileBytes: number,
): EvaluationProgress {
  const isRewritten = process.stderr.isTTY && !json;
  let [tokens, toldTokens, documents, bytes] = [0, 0, 0, 0];
  const tell = (): void => {
    const text = `${formatCount(tokens)} tokens evaluated, ${formatBytes(bytes)} of text in ${formatBytes(fileBytes)} of files`;
    if (json) writeJson({ type: 'progress', tokens, documents, bytes, fileBytes });
    else process.stderr.write(isRewritten ? `\r\u001b[K${text}` : `${text}\n`);
  };
  return {
    onTokens: (more) => {
      tokens += more;
      if (!isRewritten && tokens - toldTokens < TOKENS_A_LINE) return;
      toldTokens = tokens;
      tell();
    },
    onDocument: (more) => {
      documents++;
      bytes += more;
    },
    clear: () => {
      if (isRewritten) process.stderr.write('\r\u001b[K');
    },
  };
}
