/** A server on a model without weights, and OpenAI's own client on it. */
import type { TestContext } from 'node:test';
import OpenAI from 'openai';
import { type RunningServer, serveModel } from '../../../src/server/server.ts';
import { type FakeModel, type FakeOptions, fakeLanguageModel } from '../../support/fake-language-model.ts';

export const TOKEN = 'a-token';

export interface Served {
  readonly model: FakeModel;
  readonly server: RunningServer;
  readonly client: OpenAI;
  /** What the client does not do: the path from `/v1` on. */
  ask(path: string, options?: RequestInit): Promise<Response>;
}

interface ServeOptions extends Omit<FakeOptions, 'folder'> {
  /** Of the model, as clients call it. */
  readonly name?: string;
}

export async function serve(
  t: TestContext,
  { name = 'fake', ...options }: ServeOptions = {},
): Promise<Served> {
  const model = fakeLanguageModel({ folder: '/nowhere', ...options });
  const server = await serveModel({ model, name }, { host: '127.0.0.1', port: 0 }, TOKEN);
  t.after(() => server.close());
  const client = new OpenAI({ apiKey: TOKEN, baseURL: server.url, maxRetries: 0 });
  const ask = (path: string, { headers, ...rest }: RequestInit = {}) =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers }, ...rest });
  return { model, server, client, ask };
}
