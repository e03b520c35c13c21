import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

/** The whole server as a newcomer starts it, with a data folder of its own. */
export interface SandboxServer {
  /** Where the sandbox's page is. */
  readonly address: string;
  kill(): Promise<void>;
  /** Starts it again at the same address, as an operator would. */
  restart(): Promise<void>;
}

/** Playwright's test with a server that lives as long as the test. */
export const test = base.extend<{ server: SandboxServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures off the pattern.
  server: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'service-window-e2e-'));
    const environment: Record<string, string> = { DATA_DIR: folder };
    const running: ServerProcess = await startServerProcess(environment);
    environment.PORT = new URL(running.url).port;
    await use({ address: `${running.url}/sandbox/`, kill: running.kill, restart: running.restart });
    await running.kill();
    await rm(folder, { recursive: true, force: true });
  },
});

/** Opens the sandbox, waiting through the build of the pages where one is needed. Collects what a browser would complain of. */
export async function openSandboxPage(page: Page, { address }: SandboxServer): Promise<{ complaints: string[] }> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(address).origin)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(address);
  await page.getByRole('tablist').getByRole('tab').first().waitFor({ timeout: 120_000 });
  page.on('console', (message) => {
    // While the server is away the browser itself reports each failed connection.
    if (message.type() === 'error' && !message.text().includes('net::ERR_')) complaints.push(message.text());
  });
  return { complaints };
}
