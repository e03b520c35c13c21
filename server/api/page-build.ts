import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';

/** Makes the pages anew in `into`, an own empty folder. Reports a line at a time what it does; rejects with the end of its output. */
export type Build = (into: string, report: (line: string) => void, signal: AbortSignal) => Promise<void>;

interface ViteOptions {
  /** The Node that runs it, as a path. */
  node: string;
  /** Vite's command, as a path of a script. */
  vite: string;
  /** The folder with vite.config.ts. */
  folder: string;
  /** The environment of the child process. */
  environment: Readonly<Record<string, string | undefined>>;
}

/** Where the project is, and what runs its build. */
export interface PageProject {
  readonly root: string;
  /** The Node that runs the build, as a path. */
  readonly node: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The console's pages: their sources, where their builds are kept, and how one is made. */
export const consolePages = ({ root, node, environment }: PageProject) => ({
  directory: join(root, 'console/dist'),
  // The second is read by the page as it is: who may do what is one table.
  sources: [join(root, 'console'), join(root, 'server/merchants/permissions.ts')],
  build: createViteBuild({
    node,
    environment,
    vite: join(root, 'node_modules/vite/bin/vite.js'),
    folder: join(root, 'console'),
  }),
});

/** A build by Vite in a process of its own, so that the server answers callbacks meanwhile. */
export function createViteBuild({ node, vite, folder, environment }: ViteOptions): Build {
  return async (into, report, signal) => {
    const child = spawn(node, [vite, 'build', '--outDir', into, '--emptyOutDir'], {
      cwd: folder,
      env: { ...environment, NODE_ENV: 'production', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() === '') return;
        lines.push(line.trimEnd());
        report(line.trim());
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(lines.slice(-linesKeptOfFailure).join('\n') || `it ended with code ${code} and no word`);
  };
}

/**
 * What these files and folders hold, as a hash that becomes a folder's name; undefined where none of them exists.
 * By content, not by time: a checkout sets every file's time anew.
 */
export async function fingerprint(sources: readonly string[]): Promise<string | undefined> {
  const hash = createHash('sha256');
  let found = false;
  for (const source of sources) {
    for (const file of await filesUnder(source)) {
      found = true;
      const content = await readFile(file);
      hash.update(`${relative(source, file).split(sep).join('/')}\0${content.length}\0`).update(content);
    }
  }
  return found ? hash.digest('hex').slice(0, 32) : undefined;
}

/** The files at or under a path, in the order of their names; none where there is nothing. What is installed or built is left out. */
export async function filesUnder(path: string): Promise<string[]> {
  const entry = await stat(path).catch(() => undefined);
  if (!entry) return [];
  if (!entry.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => !notSources.has(name)).sort();
  return (await Promise.all(names.map((name) => filesUnder(join(path, name))))).flat();
}

const notSources = new Set(['node_modules', 'dist']);
const linesKeptOfFailure = 30;
