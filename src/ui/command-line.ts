/**
 * Asks the bundled command line in a process of its own (the editor's own Node.js): what needs an engine, or reads many
 * files, must neither block the extension host nor take it down.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { l10n, Uri } from 'vscode';
import * as z from 'zod';
import { InterruptedError, ParlanceError } from '../common/errors.ts';

export type JsonLine = Readonly<Record<string, unknown>>;

const lineSchema = z.record(z.string(), z.unknown());
const failureSchema = z.object({ type: z.literal('error'), message: z.string(), hint: z.string() });

export interface CliRequest {
  readonly extensionUri: Uri;
  /** The command first; without `--json`, which is added. */
  readonly args: readonly string[];
  readonly signal?: AbortSignal;
  /** Called with each object as it comes. */
  onLine?(line: JsonLine): void;
}

/** All objects that the command wrote. Throws a ParlanceError with the command's own words when it fails. */
export async function askCommandLine({
  extensionUri,
  args,
  signal,
  onLine,
}: CliRequest): Promise<readonly JsonLine[]> {
  const program = Uri.joinPath(extensionUri, 'dist', 'cli.mjs').fsPath;
  const [command, ...rest] = args;
  const child = spawn(process.execPath, [program, command, '--json', ...rest], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
  });
  const lines: JsonLine[] = [];
  let failure: ParlanceError | undefined;
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, killedBy) => resolve(code === 0 ? undefined : String(code ?? killedBy)));
  });
  for await (const text of createInterface({ input: child.stdout })) {
    const line = parsedLine(text);
    if (line === undefined) continue;
    const failed = failureSchema.safeParse(line);
    if (failed.success) failure = new ParlanceError(failed.data.message, failed.data.hint);
    lines.push(line);
    onLine?.(line);
  }
  const reason = await ended;
  if (failure !== undefined) throw failure;
  if (signal?.aborted) throw new InterruptedError(l10n.t('Stopped.'), '');
  if (reason !== undefined) {
    throw new ParlanceError(
      l10n.t('The background process for this ended unexpectedly ({0}).', reason),
      l10n.t('Try again; “Parlance: Check This Machine” tells whether its engines work.'),
    );
  }
  return lines;
}

function parsedLine(text: string): JsonLine | undefined {
  try {
    return lineSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
