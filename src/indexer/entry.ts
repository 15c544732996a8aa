/**
 * The indexer's program: follows the files of the experiments that the editor watches, in a process of its own so that
 * the editor never waits for it. It speaks over its standard input and output, and ends when its parent is gone.
 */
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node.js';
import type { z } from 'zod';
import { ExperimentIndex } from './experiment-index.ts';
import {
  experimentSchema,
  fileRequestSchema,
  filesRequestSchema,
  largestPage,
  methods,
  nextRequestSchema,
  watchSchema,
} from './protocol.ts';
import { indexedFile } from './summary.ts';
import type { FilePage, IndexedFile } from './workspace-index.ts';

const indexes = new Map<string, ExperimentIndex>();

function serve(connection: MessageConnection): void {
  const send = (summary: unknown) => void connection.sendNotification(methods.summary, summary);
  connection.onNotification(methods.watch, (message: unknown) => {
    const { experimentFile, trusted } = watchSchema.parse(message);
    const known = indexes.get(experimentFile);
    if (known === undefined) indexes.set(experimentFile, new ExperimentIndex(experimentFile, trusted, send));
    else {
      known.trusted = trusted;
      known.resend();
    }
  });
  connection.onNotification(methods.unwatch, (message: unknown) => {
    const { experimentFile } = experimentSchema.parse(message);
    const known = indexes.get(experimentFile);
    indexes.delete(experimentFile);
    return known?.close();
  });
  answer(connection, methods.files, filesRequestSchema, async (index, query): Promise<FilePage> => {
    const all = index.table(query.corpus)?.withLabel(query.label) ?? [];
    const page = all.slice(query.offset, query.offset + Math.min(query.limit, largestPage));
    return { files: page.map((one) => indexedFile(one, index)), total: all.length };
  });
  answer(connection, methods.file, fileRequestSchema, async (index, { path }) => {
    const facts: Record<string, IndexedFile> = {};
    for (const { table } of index.followers) {
      const found = table.find(path);
      if (found !== undefined) facts[table.specification.name] = indexedFile(found, index);
    }
    return facts;
  });
  answer(connection, methods.nextUnlabelled, nextRequestSchema, async (index, { after }) => {
    const path = index.paths.nextUnlabelled(after);
    return path === undefined ? {} : { path };
  });
  answer(connection, methods.suggestions, experimentSchema, (index) => index.suggestions());
  connection.onClose(() => process.exit(0));
  connection.listen();
}

/** Answers a request about an experiment that is watched, with the labels that are on disk now. */
function answer<Request extends z.infer<typeof experimentSchema>, Answer>(
  connection: MessageConnection,
  method: string,
  schema: z.ZodType<Request>,
  respond: (index: ExperimentIndex, request: Request) => Promise<Answer>,
): void {
  connection.onRequest(method, async (message: unknown) => {
    const request = schema.parse(message);
    const index = indexes.get(request.experimentFile);
    if (index === undefined) throw new Error(`${request.experimentFile} is not watched.`);
    await index.refreshLabels();
    return respond(index, request);
  });
}

// The parent's end closes the pipe; nothing is kept that would have to be saved.
process.stdin.on('close', () => process.exit(0));
process.stdin.on('end', () => process.exit(0));
serve(
  createMessageConnection(new StreamMessageReader(process.stdin), new StreamMessageWriter(process.stdout)),
);
