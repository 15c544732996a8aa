/** Stands in for parts that are not there: background processes and the indexer. */
import { InputError } from '../common/errors.ts';
import type { Hosts } from '../host/hosts.ts';
import type { WorkspaceIndex } from '../host/indexer/workspace-index.ts';

const nothing = { dispose: () => {} };
const notThere = () => new InputError('This version has no background processes.', 'Use the command line.');

export const noHosts: Hosts = {
  start: () => Promise.reject(notThere()),
  command: () => Promise.reject(notThere()),
  watch: (_storage, listener) => {
    listener([]);
    return nothing;
  },
  follow: () => nothing,
  lastLines: () => Promise.resolve([]),
  dispose: () => {},
};

export const noIndex: WorkspaceIndex = {
  watch: () => nothing,
  files: () => Promise.resolve({ files: [], total: 0 }),
  file: () => Promise.resolve({}),
  nextUnlabelled: () => Promise.resolve(undefined),
  suggestions: () => Promise.resolve([]),
  dispose: () => {},
};
