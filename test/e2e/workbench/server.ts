/**
 * code-server with a home, settings, extensions and temporary files of its own, offline. It is started as the leader of
 * a process group, because it starts processes itself; what the tested extension starts detached is in no group and is
 * found by the path of this folder on its command line.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill, processesWith } from '../../support/processes.ts';
import { until } from '../../support/waiting.ts';
import { installedExtensions } from './installed.ts';
import { codeServer, node24 } from './setup.mjs';

export interface ServerOptions {
  readonly vsix?: string;
  /** User settings, over those of `quiet`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** `false`: folders open in restricted mode. */
  readonly trusted?: boolean;
  /** Lets a page run an extension's tests (`extensionTestsPath`). */
  readonly testDriver?: boolean;
}

/** A window without anything that moves, asks or talks to the network. */
const quiet = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.reduceMotion': 'on',
  'workbench.editor.useModal': 'off',
  'chat.disableAIFeatures': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  // Looks for ports with processes of its own, in the extension host.
  'remote.autoForwardPorts': false,
  'git.enabled': false,
  'explorer.autoReveal': false,
  'editor.accessibilitySupport': 'off',
};

/** Built-in extensions that raise errors offline. */
const skipped = [
  'GitHub.copilot-chat',
  'vscode.github',
  'vscode.github-authentication',
  'vscode.microsoft-authentication',
  'vscode.typescript-language-features',
  'vscode.tunnel-forwarding',
];

export class Server {
  /** Everything of this server lies below it. */
  readonly root: string;
  readonly extensions: string;
  readonly logFile: string;
  readonly #userData: string;
  readonly #options: ServerOptions;
  #process: ChildProcess | undefined;
  #port = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
    // Short: the paths of sockets below it are limited to 107 characters.
    this.root = mkdtempSync(join(tmpdir(), 'plw-'));
    this.extensions = join(this.root, 'extensions');
    this.logFile = join(this.root, 'server.log');
    this.#userData = join(this.root, 'user');
    for (const name of ['extensions', 'home', 'tmp', 'user/User']) {
      mkdirSync(join(this.root, name), { recursive: true });
    }
    const settings = { ...quiet, ...trust(options.trusted), ...options.settings };
    writeFileSync(join(this.#userData, 'User', 'settings.json'), JSON.stringify(settings, undefined, 2));
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Installs the extension, starts, and waits until the server answers. */
  async start(): Promise<void> {
    const { vsix, trusted = true, testDriver = false } = this.#options;
    const folders = ['--user-data-dir', this.#userData, '--extensions-dir', this.extensions];
    const env = this.#environment();
    if (vsix !== undefined) installedExtensions(vsix, env).copyTo(this.extensions);
    this.#port = await freePort();
    const args = [
      ...[codeServer, '--auth', 'none', '--bind-addr', `127.0.0.1:${this.#port}`, ...folders],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      ...['--disable-proxy', '--ignore-last-opened', '--reconnection-grace-time', '5'],
      ...(trusted ? ['--disable-workspace-trust'] : []),
      ...(testDriver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
    ];
    const log = openSync(this.logFile, 'w');
    this.#process = spawn(node24(), args, { env, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    await until(`code-server answers\n${this.log()}`, () => this.#answers());
  }

  /** What the server printed, its last part. */
  log(): string {
    return readFileSync(this.logFile, 'utf8').slice(-3000);
  }

  /** Ends the server and whatever the extension left running; returns the command lines of the latter. */
  async stop(): Promise<string[]> {
    const pid = this.#process?.pid;
    if (pid !== undefined) {
      kill(-pid, 'SIGTERM');
      await until('the server ends', () => !isAlive(-pid)).catch(() => kill(-pid));
    }
    const left = processesWith(this.root);
    for (const one of left) kill(one.pid);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
    return left.map(({ command }) => command.join(' '));
  }

  async #answers(): Promise<boolean> {
    if (this.#process?.exitCode !== null) throw new Error(`code-server ended:\n${this.log()}`);
    return fetch(`${this.origin}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  #environment(): NodeJS.ProcessEnv {
    const foreign = /^(VSCODE_|CODE_SERVER_|npm_|NODE_TEST_CONTEXT$|PORT$|PASSWORD$)/;
    const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    const home = join(this.root, 'home');
    return {
      ...Object.fromEntries(kept),
      HOME: home,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_DATA_HOME: join(home, '.local', 'share'),
      XDG_CACHE_HOME: join(home, '.cache'),
      XDG_RUNTIME_DIR: join(this.root, 'tmp'),
      TMPDIR: join(this.root, 'tmp'),
      EXTENSIONS_GALLERY: '{}',
      VSCODE_SKIP_BUILTIN_EXTENSIONS: skipped.join(','),
      ...this.#options.environment,
    };
  }
}

function trust(trusted = true): Record<string, unknown> {
  if (trusted) return { 'security.workspace.trust.enabled': false };
  return { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() =>
          typeof address === 'object' && address !== null ? resolve(address.port) : reject(),
        );
      });
  });
}
