import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

/** Playwright's test with a server as a newcomer starts it, which lives as long as the test. */
export const test = base.extend<{ server: ServerProcess }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures off the pattern.
  server: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'service-window-e2e-'));
    const environment: Record<string, string> = { DATA_DIR: folder };
    const running = await startServerProcess(environment);
    environment.PORT = new URL(running.url).port;
    await use(running);
    await running.kill();
    await rm(folder, { recursive: true, force: true });
  },
});

export const owner = { name: '何晓', login: 'hexiao@banrimai.example', password: 'croissant at seven' };

/** Opens an address of the console, waiting through the build of the pages where one is needed. Gives what a browser would complain of. */
export async function openConsole(page: Page, server: ServerProcess, address: string): Promise<string[]> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('blob:'))
      complaints.push(`asked elsewhere: ${request.url()}`);
  });
  page.on('console', (message) => {
    // A refusal is no mistake of the page: the browser reports it all the same.
    if (message.type() === 'error' && !/status of (401|4\d\d|503)|net::ERR_/.test(message.text()))
      complaints.push(message.text());
  });
  await page.goto(new URL(address, `${server.url}/console/`).href);
  await page.locator('#root > *').first().waitFor({ timeout: 120_000 });
  return complaints;
}

/** Uses the owner's link as its reader would; ends inside the console. */
export async function signUpAsOwner(page: Page, server: ServerProcess): Promise<string[]> {
  const complaints = await openConsole(page, server, await server.ownerLink);
  await page.getByLabel('你的名字').fill(owner.name);
  await page.getByLabel('手机号或邮箱').fill(owner.login);
  await page.getByLabel('密码', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: '进后台' }).click();
  await expect(page.getByRole('link', { name: owner.name })).toBeVisible();
  return complaints;
}
