/**
 * The services that talk to background processes, loaded when something is first asked of them: their protocols and the
 * checks of what they are told are a third of the extension's code, and a window without experiments needs none of it.
 */
import type { HostCommand, HostRequest, Hosts, Subscription } from '../host/hosts.ts';
import type { SupervisorOptions } from '../host/supervisor.ts';
import type { IndexerOptions } from '../indexer/client.ts';
import type { WorkspaceIndex } from '../indexer/workspace-index.ts';
import type { ModelProcess, ModelProcessOptions, RemoteModel } from '../inference/process/client.ts';

/** Loads once, at the first call; lets go of what was loaded, now or once it is there. */
class Late<Service extends Subscription> {
  readonly #load: () => Promise<Service>;
  #loaded: Promise<Service> | undefined;
  #isDisposed = false;

  constructor(load: () => Promise<Service>) {
    this.#load = load;
  }

  get(): Promise<Service> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /** As `get`, for what is given back before the service is there; not made at all when it was ended meanwhile. */
  subscribe(make: (service: Service) => Subscription): Subscription {
    let isEnded = false;
    let made: Subscription | undefined;
    void this.get().then((service) => {
      if (!isEnded && !this.#isDisposed) made = make(service);
    });
    return {
      dispose: () => {
        isEnded = true;
        made?.dispose();
      },
    };
  }

  dispose(): void {
    this.#isDisposed = true;
    void this.#loaded?.then((service) => service.dispose());
  }
}

export class LateHosts implements Hosts {
  readonly #hosts: Late<Hosts>;

  constructor(options: SupervisorOptions) {
    this.#hosts = new Late(async () => new (await import('../host/supervisor.ts')).Supervisor(options));
  }

  async start(request: HostRequest): Promise<string> {
    return (await this.#hosts.get()).start(request);
  }

  async command(storage: string, run: string, command: HostCommand): Promise<void> {
    await (await this.#hosts.get()).command(storage, run, command);
  }

  watch(...[storage, listener]: Parameters<Hosts['watch']>): Subscription {
    return this.#hosts.subscribe((hosts) => hosts.watch(storage, listener));
  }

  follow(...[storage, run, listener]: Parameters<Hosts['follow']>): Subscription {
    return this.#hosts.subscribe((hosts) => hosts.follow(storage, run, listener));
  }

  async lastLines(storage: string, run: string, count: number): Promise<readonly string[]> {
    return (await this.#hosts.get()).lastLines(storage, run, count);
  }

  dispose(): void {
    this.#hosts.dispose();
  }
}

export class LateIndex implements WorkspaceIndex {
  readonly #index: Late<WorkspaceIndex>;

  constructor(options: IndexerOptions) {
    this.#index = new Late(async () => new (await import('../indexer/client.ts')).IndexerClient(options));
  }

  watch(...[experimentFile, listener]: Parameters<WorkspaceIndex['watch']>): Subscription {
    return this.#index.subscribe((index) => index.watch(experimentFile, listener));
  }

  async files(...query: Parameters<WorkspaceIndex['files']>): ReturnType<WorkspaceIndex['files']> {
    return (await this.#index.get()).files(...query);
  }

  async file(...query: Parameters<WorkspaceIndex['file']>): ReturnType<WorkspaceIndex['file']> {
    return (await this.#index.get()).file(...query);
  }

  async nextUnlabelled(experimentFile: string, after: string | undefined): Promise<string | undefined> {
    return (await this.#index.get()).nextUnlabelled(experimentFile, after);
  }

  async suggestions(experimentFile: string): ReturnType<WorkspaceIndex['suggestions']> {
    return (await this.#index.get()).suggestions(experimentFile);
  }

  dispose(): void {
    this.#index.dispose();
  }
}

export interface LateModelsOptions extends ModelProcessOptions {
  /** Whether the workspace is trusted now. */
  readonly trusted: () => boolean;
}

/** The process that runs models. In a workspace that is not trusted every request fails, and no process is started. */
export class LateModels {
  readonly #options: LateModelsOptions;
  readonly #process: Late<ModelProcess>;

  constructor(options: LateModelsOptions) {
    this.#options = options;
    this.#process = new Late(
      async () => new (await import('../inference/process/client.ts')).ModelProcess(options),
    );
  }

  /** The model in a folder; nothing is read or started yet. */
  model(folder: string): RemoteModel {
    const remote = async (): Promise<RemoteModel> => {
      if (!this.#options.trusted()) throw (await import('./missing.ts')).noModelUntrusted();
      return (await this.#process.get()).model(folder);
    };
    return {
      folder,
      async *generate(request, signal) {
        return yield* (await remote()).generate(request, signal);
      },
      score: async (text, options) => (await remote()).score(text, options),
      facts: async () => (await remote()).facts(),
    };
  }

  dispose(): void {
    this.#process.dispose();
  }
}
