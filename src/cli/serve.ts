/** `parlance serve`: a model for other programs of this machine, until Ctrl-C. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { basename, resolve } from 'node:path';
import { InputError } from '../common/errors.ts';
import { formatCompact } from '../common/format.ts';
import { type JsonOption, type ThreadsOption, threadsOf } from '../experiments/config/settings.ts';
import { openLanguageModel } from '../inference/open-model.ts';
import { parameterCount } from '../models/size.ts';
import { serveModel } from '../server/server.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';

export interface ServeOptions extends JsonOption, ThreadsOption {
  readonly host: string;
  readonly port: number;
  /** False with `--no-token`; absent: one is made. */
  readonly token?: string | false;
}

export async function serve(folder: string, options: ServeOptions): Promise<void> {
  const token = tokenOf(options);
  const { signal, release } = stopOnSignals(() => undefined);
  const stopped = once(signal, 'abort');
  const model = await openLanguageModel(resolve(folder), { threads: threadsOf(options) });
  try {
    const name = basename(model.folder);
    const server = await serveModel({ model, name }, options, token);
    if (options.json) writeJson({ type: 'serving', url: server.url, model: name, token });
    else process.stdout.write(greeting(name, parameterCount(model.size), server.url, token));
    // Until Ctrl-C, which is how it ends: no failure.
    await stopped;
    await server.close();
  } finally {
    release();
    await model.dispose();
  }
}

function tokenOf({ token }: ServeOptions): string | undefined {
  if (token === false) return undefined;
  if (token === undefined) return randomBytes(24).toString('base64url');
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new InputError(
    'The token has a sign that no header can carry.',
    'Use letters, digits and signs of ASCII without spaces, or leave --token out.',
  );
}

function greeting(name: string, parameters: number, url: string, token: string | undefined): string {
  const access =
    token === undefined
      ? 'Every program of this machine may ask; pages in a browser may not.'
      : `token: ${token}`;
  return [
    `${name} (${formatCompact(parameters)} parameters) is served at ${url}`,
    access,
    'Ctrl-C ends it.',
    '',
  ].join('\n');
}
